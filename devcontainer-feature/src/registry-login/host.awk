# Which registry a text means: the name under which its answer is kept. Docker Hub has many spellings and is "docker.io".
function host_name(text) {
  text = tolower(text)
  sub(/^[ \t\r\n]+/, "", text); sub(/[ \t\r\n]+$/, "", text)
  sub(/^https?:\/\//, "", text)
  sub(/\/.*$/, "", text)
  if (text == "index.docker.io" || text == "registry-1.docker.io" || text == "hub.docker.com") return "docker.io"
  return text
}

# Docker's key for a name: a bare host, but an address for Docker Hub.
function host_key(name) {
  return name == "docker.io" ? "https://index.docker.io/v1/" : name
}

# A name is also the name of a file, so nothing but the letters of a host.
function host_valid(name) {
  return name ~ /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:[0-9]+)?$/ || name ~ /^\[[0-9a-f:.]+\](:[0-9]+)?$/
}
