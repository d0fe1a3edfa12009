# Is FOLDER (no symbolic links in it) on a memory-backed file system? Reads /proc/self/mountinfo; ends with 0 for yes.
# With EVIDENCE=private the mount must also be a /dev/shm that the container's runtime made for this container alone.
# Measured with Docker: a private one is among the runtime's own mounts and so stands before the engine's bind mounts
# (/etc/hosts and the like); one that is shared with another container is bound after them; the host's is no "shm".
{
  place = $5
  gsub(/\\040/, " ", place)
  if (place ~ /^\/etc\/(hosts|hostname|resolv\.conf)$/) bound = 1
  folder = ENVIRON["FOLDER"]
  if (place != "/" && folder != place && index(folder, place "/") != 1) next
  if (length(place) < length(best)) next
  best = place
  for (i = 7; i < NF && $i != "-"; i++);
  type = $(i + 1); source = $(i + 2); root = $4; after = bound
}
END {
  if (type != "tmpfs" && type != "ramfs") exit 1
  if (ENVIRON["EVIDENCE"] == "private") exit !(source == "shm" && root == "/" && bound && !after)
}
