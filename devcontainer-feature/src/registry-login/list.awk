# Reads answers, the ones that count first, and prints {"ServerURL":"Username",…} (with json.awk and host.awk).
/^[{]/ {
  if (json_credential($0) != "" || host_name(serverUrl) in seen) next
  seen[host_name(serverUrl)] = 1
  entry[serverUrl] = json_quote(serverUrl) ":" json_quote(username)
  for (i = ++count; i > 1 && serverUrl < sorted[i - 1]; i--) sorted[i] = sorted[i - 1]
  sorted[i] = serverUrl
}

END {
  for (i = 1; i <= count; i++) line = line (i > 1 ? "," : "") entry[sorted[i]]
  print "{" line "}"
}
