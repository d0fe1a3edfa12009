import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ERROR_TEXTS } from "../../../src/domain/diagnosis/errorTexts";
import { explainText } from "../../../src/domain/diagnosis/explain";
import type { FindingCode } from "../../../src/domain/diagnosis/finding";
import { fixtureRows, judge, type Differences, type Row } from "../../fixtures/vectors/judge";

/** The collector's words for causes, in ours. */
const CODES: Readonly<Record<string, readonly FindingCode[]>> = {
  "no-credentials": ["no-credential"],
  "bad-credentials": ["wrong-credential", "token-kind-not-accepted"],
  "expired-token": ["expired-credential"],
  "insufficient-scope": ["no-right-on-repository", "ecr-identity-policy", "ecr-resource-policy", "sso-not-authorized"],
  "not-found-repo": ["unknown-repository"],
  "not-found-tag": ["unknown-tag"],
  "rate-limited": ["rate-limited", "locked-out"],
  "helper-missing": ["helper-missing"],
  "helper-failed": ["helper-failing"],
  tls: ["unknown-authority", "certificate-invalid"],
  "http-vs-https": ["http-instead-of-https"],
  dns: ["dns"],
  timeout: ["timeout"],
  proxy: ["proxy"],
  "platform-mismatch": ["platform-missing"],
  "blocked-network": ["client-firewall", "connection-refused", "unreachable"],
  "server-error": ["server-error"],
  quota: ["storage-full"],
  other: ["invalid-reference", "unknown"],
};

type VectorRow = Row & {
  in: { text: string };
  want: { cause: string; ambiguousWith?: string[]; registry: string | null; registryInText: boolean | null };
};
type TextRow = { row: number; text: string; want: FindingCode[]; registry?: string; source: string };

/** Rows on which we differ on purpose; docs/vectors.md lists the same. */
const DIFFERENCES: Differences = {};

describe("error texts explained", () => {
  describe("the vectors", () => {
    judge(fixtureRows<VectorRow>("pull-errors"), DIFFERENCES, ({ in: { text }, want }) => {
      const findings = explainText(text);
      assert.equal(findings.length, 1);
      const [finding] = findings;
      const accepted = [want.cause, ...(want.ambiguousWith ?? [])].flatMap((cause) => {
        assert.ok(CODES[cause], `the cause ${cause} has no code`);
        return CODES[cause];
      });
      assert.ok(accepted.includes(finding!.code), `${finding!.code} is none of ${accepted.join(", ")}`);
      if (want.registryInText === true) assert.equal(finding!.registry, want.registry);
      // what the text does not tell is left open, and never guessed wrong
      else if (want.registry !== null) assert.ok(["", want.registry].includes(finding!.registry), finding!.registry);
      else assert.equal(finding!.registry, "");
      // a certain finding that the thread contradicts would be a lie
      if (finding!.confidence === "certain" && want.ambiguousWith === undefined) {
        assert.ok(CODES[want.cause]!.includes(finding!.code));
      }
    });
  });

  describe("the catalogue of texts", () => {
    const rows = JSON.parse(readFileSync(join(process.cwd(), "test/fixtures/pull-texts.json"), "utf8")) as TextRow[];
    for (const { row, text, want, registry } of rows) {
      it(`${row} ${text.slice(0, 90).replaceAll("\n", " ")}`, () => {
        const findings = explainText(text);
        assert.equal(findings.length, 1);
        assert.ok(want.includes(findings[0]!.code), `${findings[0]!.code} is none of ${want.join(", ")}`);
        if (registry !== undefined) assert.equal(findings[0]!.registry, registry);
      });
    }
    it("has all 89 rows", () => {
      assert.deepEqual(
        [...new Set(rows.map(({ row }) => row))],
        Array.from({ length: 89 }, (_, index) => index + 1),
      );
    });
    it("has each row that the table names as its source", () => {
      const known = new Set(rows.map(({ row }) => row));
      for (const { source } of ERROR_TEXTS) {
        const row = /^row (\d+)$/.exec(source)?.[1];
        assert.ok(row === undefined || known.has(Number(row)), source);
      }
    });
  });

  describe("the table", () => {
    for (const { code, example, literals, pattern, confidence, remedies } of ERROR_TEXTS) {
      it(`${code}: ${example.slice(0, 90)}`, () => {
        assert.ok(
          literals.some((literal) => example.toLowerCase().includes(literal)),
          "a literal stands in the example",
        );
        for (const literal of literals) {
          assert.equal(literal, literal.toLowerCase());
          assert.ok(literal.length >= 3, "the index of literals needs three letters");
        }
        assert.ok(pattern === undefined || (pattern.test(example) && !pattern.global && !pattern.sticky));
        const [finding] = explainText(example);
        assert.equal(finding?.code, code);
        assert.equal(finding.confidence, confidence);
        assert.deepEqual(finding.remedies, remedies);
      });
    }
    it("has no quantifier without a bound but at the end of a pattern", () => {
      for (const { pattern, example } of ERROR_TEXTS) {
        const unbounded = (pattern?.source ?? "")
          .replace(/\\./g, "_")
          .replace(/\[[^\]]*\]/g, "_")
          .replace(/[.\w][*]\)?\)?$/, "");
        assert.doesNotMatch(unbounded, /[*+]|\{\d+,\}/, example);
      }
    });
    it("names each example once", () => {
      const examples = new Map<string, string>();
      for (const { example, source } of ERROR_TEXTS) {
        assert.ok(!examples.has(example), `${source} repeats ${examples.get(example) ?? ""}`);
        examples.set(example, source);
      }
    });
  });
});
