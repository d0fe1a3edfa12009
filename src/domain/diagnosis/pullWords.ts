/** What a CI service writes before each line. */
const STAMP = String.raw`^(?:\[?\d{4}-\d\d-\d\d[T ][\d:.]{8,20}Z?\]?:? )?`;
const STEP = new RegExp(String.raw`${STAMP}#(\d{1,6}) `);
const STEP_OUTPUT = new RegExp(String.raw`${STAMP}(?:#\d{1,6} \d{1,6}\.\d{1,3}|\d{1,6}\.\d{2,3}) `);

/** The number of BuildKit's step that a line belongs to. */
export function stepOf(line: string): string | undefined {
  return STEP.exec(line)?.[1];
}

/** True for what a program printed inside a step: BuildKit writes the seconds before it, and repeats it after a failure. */
export function isStepOutput(line: string): boolean {
  return STEP_OUTPUT.test(line);
}

/**
 * True if a text that any program may print stands in a line about a pull: the line names a registry's API or says what
 * only Docker and its like say. A bare text counts, too, as people paste it; not so with another program's URL, and not as
 * the output of a step of a build.
 */
export function speaksOfPull(line: string): boolean {
  if (API_URL.test(line) || SAID_OF_PULLS.test(line)) return true;
  return !/(?<!\b[Ss]ee )https?:\/\//.test(line) && !isStepOutput(line) && BARE.test(line);
}

/** Of what registries serve; `/v1/` and other paths below `/v2/` belong to many services. */
const API_URL =
  /https?:\/\/[^\s/"'?#\\]{1,460}\/v2(?=\/?(?:["'\s:),]|$)|\/token\?|\/[^\s"'?#]{1,300}\/(?:manifests|blobs|tags)\/)/;
const SAID_OF_PULLS = new RegExp(
  [
    "from daemon",
    "docker://",
    "\\bpull(?:ing)? (?:and unpack )?image\\b",
    "pull access denied",
    "doPull failed",
    "(?:register|extract) layer",
    "\\bresolve (?:ref|source|image)",
    "fetch (?:anonymous|oauth) token",
    "initializing source",
    "pinging (?:container|docker) registry",
    "failed to (?:do request|authorize|copy): ",
    "httpReadSeeker",
    "error parsing HTTP \\d",
    "scope=repository",
    "\\.docker\\.(?:io|com)\\b",
    "^logging into |: logging into ",
    // the codes of the registry protocol, as Docker and go-containerregistry print them
    "(?:^|[:\"'] ?)(?:unauthorized|denied|toomanyrequests|UNAUTHORIZED|DENIED|TOOMANYREQUESTS): ",
    '"code": ?"(?:UNAUTHORIZED|DENIED|TOOMANYREQUESTS)"',
  ].join("|"),
);
const BARE =
  /(?<![\w-])image(?![\w-])|docker(?:\.io|hub)|\bregistry(?=[ :'"])|manifest|lookup \S{1,250}|x509: |Client\.Timeout|http: server gave|proxyconnect|TLS handshake|unexpected (?:HTTP )?status|invalid character '<'|dial tcp \S{1,60}:(?:443|80|5000): |^\s{0,8}(?:40[13]|50\d|429) |HTTP Basic: Access denied|for Git over HTTP|GetAuthorizationToken|artifactregistry\.|\b(?:layer|blob|unpack)\b|\/var\/lib\/(?:docker|containerd|containers|rancher)\b/;
