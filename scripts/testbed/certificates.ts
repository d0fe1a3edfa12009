import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runOrThrow } from "./run";

/** A certificate and its key, as files and as text. */
export interface Certificate {
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly certificate: string;
  readonly key: string;
}

/** A private certificate authority, made with openssl. */
export interface Authority {
  readonly name: string;
  readonly certificateFile: string;
  /**
   * A certificate for these host names.
   * @param days from now on, of its begin and its end
   */
  issue(names: readonly string[], days?: { readonly from: number; readonly to: number }): Promise<Certificate>;
}

/** Makes a new authority with its files in `folder`. */
export async function makeAuthority(folder: string, name: string): Promise<Authority> {
  const file = (end: string) => join(folder, end);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  mkdirSync(file("issued"), { recursive: true });
  writeFileSync(file("index"), "");
  const ca = { key: file("ca.key"), certificate: file("ca.crt") };
  const configuration = [
    "[ca]",
    "default_ca = one",
    "[one]",
    `new_certs_dir = ${file("issued")}`,
    `database = ${file("index")}`,
    `certificate = ${ca.certificate}`,
    `private_key = ${ca.key}`,
    "rand_serial = yes",
    "unique_subject = no",
    "default_md = sha256",
    "policy = any",
    "[any]",
    "commonName = supplied",
  ];
  writeFileSync(file("ca.conf"), `${configuration.join("\n")}\n`);
  const own = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", `/CN=${name}`];
  await runOrThrow("openssl", ["req", ...own, "-keyout", ca.key, "-out", ca.certificate]);

  let count = 0;
  return {
    name,
    certificateFile: ca.certificate,
    async issue(names, days = { from: -1, to: 20 }) {
      const base = file(`issued-${++count}`);
      const files = { certificateFile: `${base}.crt`, keyFile: `${base}.key` };
      const alternatives = names.map((host) => `${/^[\d.]+$/.test(host) ? "IP" : "DNS"}:${host}`).join(",");
      writeFileSync(`${base}.ext`, `subjectAltName = ${alternatives}\nextendedKeyUsage = serverAuth, clientAuth\n`);
      const wanted = ["-newkey", "rsa:2048", "-nodes", "-subj", `/CN=${names[0] ?? name}`];
      await runOrThrow("openssl", ["req", ...wanted, "-keyout", files.keyFile, "-out", `${base}.csr`]);
      const dates = ["-startdate", opensslDate(days.from), "-enddate", opensslDate(days.to)];
      const signed = ["-in", `${base}.csr`, "-out", files.certificateFile, "-extfile", `${base}.ext`];
      await runOrThrow("openssl", ["ca", "-batch", "-notext", "-config", file("ca.conf"), ...dates, ...signed]);
      return {
        ...files,
        certificate: readFileSync(files.certificateFile, "utf8"),
        key: readFileSync(files.keyFile, "utf8"),
      };
    },
  };
}

function opensslDate(days: number): string {
  const date = new Date(Date.now() + days * 24 * 3600 * 1000);
  return `${date.toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`;
}
