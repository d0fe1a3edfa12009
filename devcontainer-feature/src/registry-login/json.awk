# A strict JSON reader (RFC 8259) that remembers where things stand, so that a caller can change one entry of a text
# and leave every other byte alone.
#
# The text is given as seg[1..n]: the text split at each quotation mark. So the segments alternate between outside and
# inside of strings (a segment inside that ends in an odd number of backslashes goes on in the next one), and a file of
# megabytes on one line costs a few array entries per string instead of a step per character.
#
# A place is a pair (segment, characters before it in that segment). After json_parse(n): `bad` says whether the text
# is no JSON; members of the top object, and of those objects in it whose key is in WATCH, stand in order as 1..M:
#   mParent (0 = top), mKey (decoded), mBefore (segment in front of the key), mType ("string", "{", "[" or the literal),
#   mFromSeg/mFromOff and mToSeg/mToOff (the value's first and last place).
# rootType, rootFromSeg … are the same for the whole. Bytes, not characters: run it with LC_ALL=C.

BEGIN {
  for (code = 1; code < 256; code++) byte[code] = sprintf("%c", code)
  for (code = 1; code < 256; code++) if (byte[code] ~ /[-+.0-9A-Za-z]/) inLiteral[byte[code]]
  for (code = 1; code < 32; code++) escape[byte[code]] = sprintf("\\u%04x", code)
  escape["\t"] = "\\t"; escape["\n"] = "\\n"; escape["\r"] = "\\r"
  escape["\""] = "\\\""; escape["\\"] = "\\\\"
  # As Go's encoder writes them, so that our answers are byte for byte those of docker-credential-helpers.
  escape["<"] = "\\u003c"; escape[">"] = "\\u003e"; escape["&"] = "\\u0026"
}

function json_parse(n,   i, first) {
  bad = 0; M = 0; depth = 0; token = ""; want = "value"; rootType = ""
  for (i = 1; i <= n && !bad; i++) {
    json_outside(i)
    if (bad || i == n) break
    first = ++i
    while (i <= n && json_goes_on(seg[i])) i++
    if (i >= n) { bad = 1; break }
    json_string(first, i)
  }
  if (want != "") bad = 1
}

function json_goes_on(text) {
  if (substr(text, length(text)) != "\\") return 0
  match(text, /\\+$/)
  return RLENGTH % 2
}

# What stands between two strings. In pieces, because substr() of a long text is slow in some awks.
function json_outside(i,   text, size, base, piece, pieceSize, k, c, from) {
  text = seg[i]; size = length(text)
  for (base = 0; base < size; base += 256) {
    piece = substr(text, base + 1, 256); pieceSize = length(piece)
    if (from) from = 1
    for (k = 1; k <= pieceSize; k++) {
      c = substr(piece, k, 1)
      if (c in inLiteral) {
        if (!from) { from = k; tokenAt = base + k - 1 }
        continue
      }
      if (from) { token = token substr(piece, from, k - from); from = 0; json_literal(i, base + k - 1) }
      if (c == " " || c == "\n" || c == "\t" || c == "\r") continue
      if (c == "{" || c == "[") json_open(c, i, base + k - 1)
      else if (c == "}" || c == "]") json_close(c, i, base + k)
      else if (c == ":" && want == ":") want = "value"
      else if (c == "," && want == ",") want = kind[depth] == "{" ? "key" : "value"
      else bad = 1
      if (bad) return
    }
    if (from) token = token substr(piece, from)
  }
  if (from) json_literal(i, size)
}

function json_literal(i, end) {
  if (token !~ /^(true|false|null|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?)$/) bad = 1
  json_starts(i, tokenAt, token)
  token = ""
  json_ends(i, end)
}

function json_open(c, i, off) {
  json_starts(i, off, c)
  kind[++depth] = c
  want = c == "{" ? "key or }" : "value or ]"
}

function json_close(c, i, off) {
  if (depth == 0 || kind[depth] != (c == "}" ? "{" : "[")) { bad = 1; return }
  if (want != "," && want != (c == "}" ? "key or }" : "value or ]")) { bad = 1; return }
  depth--
  json_ends(i, off)
}

function json_string(first, last,   j, text) {
  for (j = first; j <= last; j++) {
    text = seg[j]
    if (text ~ /[\001-\037]/) bad = 1
    if (j < last) text = substr(text, 1, length(text) - 1)
    if (index(text, "\\") && text !~ /^([^\\]|\\(["\\\/bfnrt]|u[0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f]))*$/) bad = 1
  }
  if (want == "key" || want == "key or }") {
    if (json_noted()) {
      M++
      open[depth] = M
      mParent[M] = depth == 1 ? 0 : open[1]
      mBefore[M] = first - 1
      mKey[M] = json_text(json_joined(first, last))
    }
    want = ":"
    return
  }
  json_starts(first - 1, length(seg[first - 1]), "string")
  json_ends(last + 1, 0)
}

# Is the object that we are in one whose members are noted?
function json_noted() {
  if (depth == 1) return kind[1] == "{"
  return depth == 2 && kind[1] == "{" && kind[2] == "{" && (mKey[open[1]] in WATCH)
}

function json_starts(i, off, type) {
  if (want != "value" && want != "value or ]") bad = 1
  if (depth == 0) { rootType = type; rootFromSeg = i; rootFromOff = off }
  else if (json_noted()) { mType[open[depth]] = type; mFromSeg[open[depth]] = i; mFromOff[open[depth]] = off }
}

function json_ends(i, off) {
  if (depth == 0) { rootToSeg = i; rootToOff = off; want = "" }
  else {
    if (json_noted()) { mToSeg[open[depth]] = i; mToOff[open[depth]] = off }
    want = ","
  }
}

function json_joined(first, last,   j, text) {
  text = seg[first]
  for (j = first + 1; j <= last; j++) text = text "\"" seg[j]
  return text
}

# The inside of the string that member i is.
function json_inside(i) { return json_joined(mFromSeg[i] + 1, mToSeg[i] - 1) }

# The bytes that the inside of a JSON string means. Sets sawNul where it means a NUL, which awk cannot hold.
function json_text(raw,   out, at, c, code, low) {
  out = ""
  while (at = index(raw, "\\")) {
    out = out substr(raw, 1, at - 1)
    c = substr(raw, at + 1, 1)
    raw = substr(raw, at + 2)
    if (c == "u") {
      code = json_hex(substr(raw, 1, 4)); raw = substr(raw, 5)
      if (code >= 55296 && code < 57344) {
        low = raw ~ /^\\u/ ? json_hex(substr(raw, 3, 4)) : 0
        if (code < 56320 && low >= 56320 && low < 57344) {
          code = 65536 + (code - 55296) * 1024 + low - 56320
          raw = substr(raw, 7)
        } else code = 65533
      }
      if (code == 0) sawNul = 1
      else out = out json_utf8(code)
    } else out = out (c == "n" ? "\n" : c == "t" ? "\t" : c == "r" ? "\r" : c == "b" ? "\b" : c == "f" ? "\f" : c)
  }
  return out raw
}

function json_hex(digits,   k, value) {
  value = 0
  digits = tolower(digits)
  for (k = 1; k <= 4; k++) value = value * 16 + index("0123456789abcdef", substr(digits, k, 1)) - 1
  return value
}

function json_utf8(code) {
  if (code < 128) return byte[code]
  if (code < 2048) return byte[192 + int(code / 64)] byte[128 + code % 64]
  if (code < 65536) return byte[224 + int(code / 4096)] byte[128 + int(code / 64) % 64] byte[128 + code % 64]
  return byte[240 + int(code / 262144)] byte[128 + int(code / 4096) % 64] byte[128 + int(code / 64) % 64] byte[128 + code % 64]
}

# A JSON string, with its quotation marks.
function json_quote(text,   out, k, c, size) {
  if (text !~ /[\001-\037"\\<>&\342]/) return "\"" text "\""
  size = length(text); out = ""
  for (k = 1; k <= size; k++) {
    c = substr(text, k, 1)
    if (c == "\342" && substr(text, k, 3) ~ /^\342\200[\250\251]/) {
      out = out (substr(text, k + 2, 1) == "\250" ? "\\u2028" : "\\u2029")
      k += 2
    } else out = out (c in escape ? escape[c] : c)
  }
  return "\"" out "\""
}

# Reads {"ServerURL":…,"Username":…,"Secret":…} as Go does (names in any case, others ignored) into serverUrl, username
# and secret. Gives back what is wrong with it, or nothing.
function json_credential(text,   n, i, name) {
  serverUrl = ""; username = ""; secret = ""; sawNul = 0
  n = split(text, seg, "\"")
  json_parse(n)
  if (bad) return "it is not JSON"
  if (rootType != "{") return "it is not an object"
  for (i = 1; i <= M; i++) {
    name = tolower(mKey[i])
    if (name != "serverurl" && name != "username" && name != "secret") continue
    if (mType[i] != "string") return "one of its fields is not a string"
    if (name == "serverurl") serverUrl = json_text(json_inside(i))
    else if (name == "username") username = json_text(json_inside(i))
    else secret = json_text(json_inside(i))
  }
  return sawNul ? "it holds a NUL character" : ""
}

# What a text means that is one JSON string; nothing where it is anything else.
function json_string_text(text,   n) {
  n = split(text, seg, "\"")
  json_parse(n)
  if (bad || rootType != "string") return ""
  sub(/^[^"]*"/, "", text); sub(/"[^"]*$/, "", text)
  return json_text(text)
}

function json_answer(url, user, password) {
  return "{\"ServerURL\":" json_quote(url) ",\"Username\":" json_quote(user) ",\"Secret\":" json_quote(password) "}"
}
