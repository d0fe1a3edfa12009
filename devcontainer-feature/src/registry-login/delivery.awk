# Reads the lines of a delivery after its first one (with json.awk and host.awk). Each answer becomes a file in FOLDER,
# named after its host. Prints one line: "ok", "truncated", "large" or "invalid" and why; after "ok" the lines of skips
# and advice, the latter as plain text.
BEGIN { folder = ENVIRON["FOLDER"]; limit = ENVIRON["LIMIT"] + 0; notes = 0; problem = ""; done = 0; bytes = 0 }

{ bytes += length($0) + 1 }
limit && bytes > limit { problem = "large" }

problem != "" { next }
done { problem = "something follows the line \"end\""; next }
$0 == "end" { done = 1; next }

/^set / {
  key = $2
  name = host_name(key)
  if (!host_valid(name) || host_key(name) != key) { problem = "a line names no registry host that Docker would use as a key"; next }
  if (name in given) { problem = key " is set twice"; next }
  given[name] = 1
  what = json_credential(substr($0, length("set " key " ") + 1))
  if (what == "" && host_name(serverUrl) != name) what = "it belongs to another host"
  if (what == "" && username == "") what = "it has no user name"
  if (what != "") { problem = "the answer for " key " cannot be used: " what; next }
  answers[name] = json_answer(serverUrl, username, secret)
  next
}

/^skip / {
  if (!host_valid(host_name($2)) || NF != 3 || $3 !~ /^[a-z0-9-]+$/) { problem = "a line \"skip\" is not a host and a word"; next }
  note[++notes] = "skip " host_name($2) " " $3
  next
}

/^advice / {
  text = json_string_text(substr($0, length("advice ") + 1))
  gsub(/[\001-\037\177]/, " ", text)
  if (text ~ /^ *$/ || length(text) > 2000) { problem = "a line \"advice\" is not a JSON string of at most 2000 characters"; next }
  note[++notes] = "advice " text
  next
}
/^$/ { next }
{ problem = "a line is neither \"set\", \"skip\", \"advice\" nor \"end\"" }

END {
  if (problem == "large") { print problem; exit }
  if (problem != "") { print "invalid " problem; exit }
  if (!done) { print "truncated"; exit }
  for (name in answers) {
    file = folder "/" name
    print answers[name] > file
    close(file)
  }
  print "ok"
  for (i = 1; i <= notes; i++) print note[i]
}
