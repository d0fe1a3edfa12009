# Runs config.awk for the one text that is read: split at each quotation mark, as json.awk wants it.
BEGIN { RS = "\""; FS = "\001" }
{ seg[NR] = $0; bytes += length($0) + 1 }
END { exit config_edit(NR, bytes) }
