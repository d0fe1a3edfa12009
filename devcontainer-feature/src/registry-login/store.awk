# Reads what Docker gives to `store` (with json.awk): prints the server and then the answer as it is kept, or ends with 1
# and prints docker-credential-helpers' own sentence.
{ document = document $0 }

END {
  what = json_credential(document)
  if (bad) { print "invalid JSON"; exit 1 }
  if (rootType != "{") {
    type = rootType == "[" ? "array" : rootType == "string" ? "string" : rootType ~ /^[tf]/ ? "bool" : "number"
    if (rootType != "null") { print "json: cannot unmarshal " type " into Go value of type credentials.Credentials"; exit 1 }
  }
  if (what != "" && rootType == "{") { print "the login cannot be kept: " what; exit 1 }
  if (serverUrl == "") { print "no credentials server URL"; exit 1 }
  if (username == "") { print "no credentials username"; exit 1 }
  if (serverUrl ~ /\n/) { print "the server URL has more than one line"; exit 1 }
  print serverUrl
  print json_answer(serverUrl, username, secret)
}
