# Turns Codespaces-style triplets <X>_CONTAINER_REGISTRY_SERVER, _USER and _PASSWORD into the lines of a delivery (with
# json.awk and host.awk). They come from the environment and, where it has none of that name, from the file SECRETS_FILE
# (NAME=base64 on each line), which Codespaces writes for sessions without that environment. Names count without regard
# to case, as GitHub takes them. Prints nothing at all where there is no such variable.
BEGIN {
  for (variable in ENVIRON) take(variable, ENVIRON[variable])
  # Instead of 2 ^ n, with which an awk that is built without mathematics (busybox's) ends.
  power[0] = 1; power[2] = 4; power[4] = 16
  alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  file = ENVIRON["SECRETS_FILE"]
  if (file != "") while ((getline line < file) > 0) {
    variable = substr(line, 1, index(line, "=") - 1)
    if (is_part(toupper(variable)) && !(variable in ENVIRON))
      take(variable, decoded(substr(line, index(line, "=") + 1)))
  }
  count = 0
  for (name in triplet) sorted[++count] = name
  for (i = 2; i <= count; i++)
    for (j = i; j > 1 && sorted[j] < sorted[j - 1]; j--) { swap = sorted[j]; sorted[j] = sorted[j - 1]; sorted[j - 1] = swap }
  for (i = 1; i <= count; i++) emit(sorted[i])
  if (count) print "end"
}

function is_part(upper) { return upper ~ /^[A-Z_][A-Z0-9_]*_CONTAINER_REGISTRY_(SERVER|USER|PASSWORD)$/ }

function take(variable, value,   upper, part, name) {
  upper = toupper(variable)
  if (!is_part(upper)) return
  part = upper; sub(/^.*_/, "", part)
  name = substr(upper, 1, length(upper) - length(part) - 1)
  triplet[name] = 1
  if (value != "" && (variable == upper || !((name, part) in field))) field[name, part] = value
}

function emit(name,   missing, host) {
  missing = ""
  if (!((name, "SERVER") in field)) missing = missing " " name "_SERVER"
  if (!((name, "USER") in field)) missing = missing " " name "_USER"
  if (!((name, "PASSWORD") in field)) missing = missing " " name "_PASSWORD"
  if (missing != "") { advise("Not logged in by " name "_*: set" missing " as well."); return }
  host = host_name(field[name, "SERVER"])
  if (!host_valid(host)) { advise(name "_SERVER names no registry host: write it like ghcr.io."); return }
  if (field[name, "USER"] == "runner-native" && field[name, "PASSWORD"] == "runner-native") { print "skip " host_key(host) " runner-native"; return }
  # The hook asks nobody over the network, so it has no token to give instead.
  if (host ~ /^([0-9]+\.dkr[.-]ecr|public\.ecr\.aws$)/ && field[name, "USER"] ~ /^A[KS]IA[A-Z0-9]+$/) {
    advise("Not logged in by " name "_*: it is an access key of AWS, which ECR takes only in exchange for a token. Registry Secrets delivers that token; or give AWS and the output of \"aws ecr get-login-password\" as user and password.")
    return
  }
  if (host in seen) { advise(name "_SERVER names " host ", which " seen[host] "_SERVER names already: remove one of the two."); return }
  seen[host] = name
  print "set " host_key(host) " " json_answer(host_key(host), field[name, "USER"], field[name, "PASSWORD"])
}

function advise(text) { print "advice " json_quote(substr(text, 1, 1000)) }

function decoded(text,   out, k, size, bits, held, value) {
  out = ""; bits = 0; held = 0; size = length(text)
  for (k = 1; k <= size; k++) {
    value = index(alphabet, substr(text, k, 1)) - 1
    if (value < 0) continue
    held = held * 64 + value; bits += 6
    if (bits >= 8) {
      bits -= 8
      value = int(held / power[bits]); held -= value * power[bits]
      if (value > 0) out = out byte[value]
    }
  }
  return out
}
