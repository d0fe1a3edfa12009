# Runs config.awk over the files FOLDER/0.in … FOLDER/COUNT-1.in (with json.awk, host.awk and config.awk): once with two
# hosts wanted, then with none. Prints, besides what config.awk says, a line with the codes for each.
BEGIN {
  folder = ENVIRON["FOLDER"]
  FS = "\001"
  while ((getline size < (folder "/sizes")) > 0) sizes[files++] = size
  ENVIRON["UNDO_OUT"] = folder "/undo"
  for (file = 0; file < files; file++) {
    path = folder "/" file
    ENVIRON["UNDO"] = "/dev/null"; ENVIRON["WANTED"] = "a.example ghcr.io"; ENVIRON["OUT"] = path ".out"
    code = merge(path ".in", sizes[file])
    if (code == 0) {
      ENVIRON["UNDO"] = folder "/undo.first"; ENVIRON["WANTED"] = ""; ENVIRON["OUT"] = path ".back"
      # What was written is whole, so its size is what is read and no more.
      code = code " " merge(path ".out", -1)
    }
    print "\n = " code "\n"
  }
}

function merge(file, size,   line, n, bytes, told) {
  RS = "\""
  while ((getline line < file) > 0) { seg[++n] = line; bytes += length(line) + 1 }
  close(file)
  ENVIRON["SIZE"] = size < 0 ? bytes - 1 : size
  return config_edit(n, bytes)
}
