import type { UnreachableReason } from "../../domain/diagnosis/evidence";

/** Why no answer came. The message names the host or the proxy, and holds nothing secret. */
export class Unreachable extends Error {
  readonly reason: UnreachableReason;

  constructor(reason: UnreachableReason, message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}

/**
 * What an error of Node means for a request to `host`. The codes are those of its documentation ("Common system errors",
 * "OpenSSL error codes") and of its parser for HTTP (nodejs/llhttp, include/llhttp.h).
 */
export function unreachable(error: unknown, host: string, timeoutMs: number): Unreachable {
  if (error instanceof Unreachable) return error;
  const found = firstWithCode(error);
  const code = found?.code ?? "";
  const message = found?.message ?? (error instanceof Error ? error.message : String(error));
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return new Unreachable("dns", `the name ${host} was not found`, error);
  if (code === "ECONNREFUSED") return new Unreachable("refused", `nothing listens at ${host}`, error);
  if (/TIMEOUT|ETIMEDOUT/.test(code) || (error instanceof Error && error.name === "TimeoutError")) {
    return new Unreachable("timeout", `no answer from ${host} within ${timeoutMs / 1000} s`, error);
  }
  // a TLS client that reads "HTTP/1.1 400" takes it for a record of an unknown version, or a far too long one
  if (/wrong version number|packet length too long|WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/i.test(code + message)) {
    return new Unreachable("plain-http", `${host} answers plain http to https`, error);
  }
  if (/ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNKNOWN_CA)/.test(code))
    return new Unreachable("tls", `${host} wants a client certificate that it accepts`, error);
  if (/CERT|ERR_TLS|ERR_SSL|EPROTO|ERR_OSSL/.test(code)) return new Unreachable("tls", message, error);
  if (code === "HPE_HEADER_OVERFLOW") return new Unreachable("other", `${host} answers with endless headers`, error);
  if (/HPE_INVALID_(?:CONSTANT|VERSION)/.test(code))
    return new Unreachable("other", `what ${host} answers is no HTTP`, error);
  if (/ECONNRESET|EPIPE|HPE_/.test(code)) {
    return new Unreachable("closed", `${host} closed the connection without an answer`, error);
  }
  return new Unreachable("other", message, error);
}

/** The error with a code, which Node wraps in others. */
function firstWithCode(error: unknown): { code: string; message: string } | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; depth++) {
    if (at instanceof AggregateError && at.errors.length > 0) at = at.errors[0];
    if (!(at instanceof Error)) break;
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === "string" && !/^\d+$/.test(code)) return { code, message: at.message };
    at = at.cause;
  }
  return undefined;
}
