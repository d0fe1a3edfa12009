# Reads the lines of a delivery after its first one (with json.awk and host.awk). Each answer becomes a file in FOLDER,
# named after its host. Prints one line: "ok", "truncated" or "invalid" and why; after "ok" the lines of skips and advice.
BEGIN { folder = ENVIRON["FOLDER"]; notes = ""; problem = ""; done = 0 }

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
  notes = notes "skip " host_name($2) " " $3 "\n"
  next
}

/^advice / { gsub(/[\001-\037]/, " "); notes = notes $0 "\n"; next }
/^$/ { next }
{ problem = "a line is neither \"set\", \"skip\", \"advice\" nor \"end\"" }

END {
  if (problem != "") { print "invalid " problem; exit }
  if (!done) { print "truncated"; exit }
  for (name in answers) {
    file = folder "/" name
    print answers[name] > file
    close(file)
  }
  print "ok"
  printf "%s", notes
}
