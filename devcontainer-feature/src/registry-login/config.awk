# Makes `credHelpers` of a Docker config.json say what it is to say (with json.awk and host.awk, run by merge.awk).
#
# In:  the file's text, its SIZE in bytes, WANTED names, UNDO (file of what was before us), OUT and UNDO_OUT.
# Out: a line for each thing to do (a word, and the size of the file that it is about), in this order: "undo-first", when UNDO_OUT with the ending .first is to become the undo
#      file before the text is replaced (a run that is killed in between must not have forgotten what was there before us);
#      "write", when OUT is to become the text; "remove", when nothing is left of a file that was ours; "undo", when
#      UNDO_OUT is to become the undo file. Besides `credsStore`, a tab and its value, if there is one.
#      Ends with 3 where the text is no JSON object, with 4 where `credHelpers` is not a table of names.
# With TASK=report it changes nothing and prints, besides, `auth` or `ours`, a tab, a key, for each entry of `auths` and
# for each of `credHelpers` that names us. With TASK=repair it only takes `credsStore` out of the text.
BEGIN { ORS = ""; OURS = "registry-login"; WATCH["credHelpers"]; WATCH["auths"] }

# Does it for the text in seg[1..n], read with `bytes` bytes counted; gives back with what to end.
function config_edit(n, bytes,   size, i) {
  config_forget()
  # awk drops an empty record at the end, and some awks cut a record at a NUL: the size tells.
  size = ENVIRON["SIZE"] + 0
  if (n > 0 && bytes == size) seg[++n] = ""
  else if (n > 0 ? bytes - 1 != size : size) return 3
  segments = n
  read_undo()
  if (n == 0 || n == 1 && seg[1] ~ /^[ \t\r\n]*$/) {
    if (!("file" in was)) was["file"] = "empty"
    seg[1] = "{}"; segments = 1; begun = 1
  }
  json_parse(segments)
  if (bad || rootType != "{") return 3
  for (i = 1; i <= M; i++) if (mParent[i] == 0) {
    last = i
    top++
    if (mKey[i] == "credHelpers") helpers = i
    if (mKey[i] == "auths") auths = i
    if (mKey[i] == "credsStore") { storeAt = i; store = mType[i] == "string" ? json_text(json_inside(i)) : "" }
  }
  gsub(/[\001-\037\177]/, "?", store)
  if (store != "") print "credsStore\t" store "\n"
  if (ENVIRON["TASK"] == "report") { report(); return 0 }
  if (ENVIRON["TASK"] == "repair") {
    if (store != "") { remove_top(storeAt); write_edits() }
    return 0
  }
  if (helpers && mType[helpers] != "{" && mType[helpers] != "null") return 4
  plan_helpers()
  if (notTable) return 4
  plan_auths()
  plan_edits()
  write_undo()
  if (top == 0 && (was["file"] == "absent" || was["file"] == "empty")) {
    if (was["file"] == "absent") print "remove 0\n"
    else if (edits) say("write", "", ENVIRON["OUT"])
  }
  else if (edits) write_edits()
  return 0
}

# Starts with nothing known. (`delete` of a whole table is not in POSIX.)
function config_forget() {
  split("", was); split("", before); split("", caused); split("", oldLine); split("", order); split("", wanted)
  split("", wantedName); split("", now); split("", instead); split("", drop); split("", add); split("", still)
  oldUndo = ""; store = ""
  orders = adds = entries = changed = authsChanged = edits = top = last = helpers = auths = storeAt = begun = notTable = 0
}

function report(   i) {
  for (i = 1; i <= M; i++) if (mParent[i]) {
    if (mParent[i] == auths) print "auth\t" mKey[i] "\n"
    if (mParent[i] == helpers && ours(i)) print "ours\t" mKey[i] "\n"
  }
}

function read_undo(   line, part) {
  RS = "\n"
  while ((getline line < ENVIRON["UNDO"]) > 0) {
    oldUndo = oldUndo line "\n"
    oldLine[line]
    split(line, part, "\t")
    if (part[1] == "entry") before[part[2]] = part[3]
    else if (part[1] == "auth") caused[part[2]] = 1
    else was[part[1]] = part[2]
  }
  close(ENVIRON["UNDO"])
  if (ENVIRON["ABSENT"] ~ /file/) was["file"] = "absent"
  if (ENVIRON["ABSENT"] ~ /folder/) was["folder"] = "absent"
}

function plan_helpers(   k, i, count, list, name, effective) {
  count = split(ENVIRON["WANTED"], list, " ")
  for (k = 1; k <= count; k++) {
    name = list[k]
    order[++orders] = host_key(name); wanted[host_key(name)] = 1; wantedName[name] = 1
    # podman, buildah and skopeo look Docker Hub up under this key.
    if (name == "docker.io") { order[++orders] = name; wanted[name] = 1 }
  }
  # Of several entries with one key the last one counts.
  for (i = 1; i <= M; i++) if (helpers && mParent[i] == helpers) effective[mKey[i]] = i
  for (i = 1; i <= M; i++) if (helpers && mParent[i] == helpers) {
    entries++
    if (effective[mKey[i]] != i) continue
    mine = ours(i)
    if (mKey[i] in wanted) {
      if (mType[i] == "{" || mType[i] == "[") { notTable = 1; return }
      now[mKey[i]] = mine ? (mKey[i] in before ? before[mKey[i]] : "-") : value_text(i)
      if (!mine) { instead[i] = "\"" OURS "\""; changed = 1 }
    } else if (mine) {
      changed = 1
      if (mKey[i] in before && before[mKey[i]] != "-") instead[i] = before[mKey[i]]
      else { drop[i] = 1; entries-- }
    }
  }
  for (k = 1; k <= orders; k++) if (!(order[k] in now)) {
    now[order[k]] = order[k] in before ? before[order[k]] : "-"
    add[++adds] = order[k]
    changed = 1; entries++
  }
}

function ours(i) { return mType[i] == "string" && json_inside(i) == OURS }

function value_text(i) { return mType[i] == "string" ? "\"" json_inside(i) "\"" : mType[i] }

# `docker login` to a host with a helper leaves an empty entry in `auths`: those that came with us go with us.
function plan_auths(   i, key) {
  for (key in caused) if (host_name(key) in wantedName) still[key] = 1
  for (i = 1; i <= M; i++) {
    if (!auths || mParent[i] != auths || !(mKey[i] in caused) || (mKey[i] in still)) continue
    if (mType[i] == "{" && vacant(i)) { drop[i] = 1; authsChanged = 1 }
  }
}

# Has object i no member? Then nothing but white space stands in it.
function vacant(i) { return mFromSeg[i] == mToSeg[i] }
function inner(i) { return substr(seg[mFromSeg[i]], mFromOff[i] + 2, mToOff[i] - mFromOff[i] - 2) }

# White space in front of a key, and between a value and what ends it.
function lead(i,   t) { t = seg[mBefore[i]]; sub(/^.*[,{]/, "", t); return t }
function tail(i,   t) { t = substr(seg[mToSeg[i]], mToOff[i] + 1); match(t, /[,}]/); return substr(t, 1, RSTART - 1) }

# What stands between a key and its value: as in the neighbours.
function colon() {
  return M ? substr(seg[mFromSeg[M]], 1, mFromOff[M]) : ": "
}

# Writes the inside of object `p` without what is dropped, with changed values and, if it is `credHelpers`, with what is
# added. Piece by piece: a text of thousands of entries, made longer by one at a time, takes some awks minutes.
function put_body(p,   i, k, count, final, between, from, members, start, end) {
  for (i = 1; i <= M; i++) if (mParent[i] == p) { if (!members++) start = i; end = i }
  count = 0; from = "\n\t\t"; final = "\n\t"
  if (members) { from = lead(end); final = tail(end) }
  else if (p == helpers) { from = deeper(lead(p)); final = lead(p) ~ /\n/ ? lead(p) : "" }
  for (i = start; members && i <= end; i++) {
    if (mParent[i] != p || drop[i]) continue
    put(count++ ? between "," lead(i) : lead(start))
    if (i in instead) { copy(mBefore[i], length(seg[mBefore[i]]), mFromSeg[i], mFromOff[i]); put(instead[i]) }
    else copy(mBefore[i], length(seg[mBefore[i]]), mToSeg[i], mToOff[i])
    between = i == end ? "" : tail(i)
  }
  for (k = 1; p == helpers && k <= adds; k++) {
    put((count++ ? between "," : "") from "\"" add[k] "\"" colon() "\"" OURS "\"")
    between = ""
  }
  if (count) put(final)
}

function deeper(space,   unit) {
  if (space !~ /\n/) return ""
  unit = space
  sub(/^.*\n/, "", unit)
  return space unit
}

# The text between two places is to become `replacement`.
function edit(fromSeg, fromOff, toSeg, toOff, replacement) {
  edits++
  eFromSeg[edits] = fromSeg; eFromOff[edits] = fromOff; eToSeg[edits] = toSeg; eToOff[edits] = toOff; eText[edits] = replacement
  eBody[edits] = 0
}

# The inside of object p is to become what put_body writes.
function edit_body(p) {
  edit(mFromSeg[p], mFromOff[p] + 1, mToSeg[p], mToOff[p] - 1, "")
  eBody[edits] = p
}

# Takes member `gone` of the top object away, with the comma that goes with it.
function remove_top(gone,   next_, i, prev) {
  for (i = 1; i <= M; i++) if (mParent[i] == 0) { if (i < gone) prev = i; else if (i > gone && !next_) next_ = i }
  if (prev) edit(mToSeg[prev], mToOff[prev], mToSeg[gone], mToOff[gone], "")
  else if (next_) edit(mBefore[gone], length(seg[mBefore[gone]]), mBefore[next_], length(seg[mBefore[next_]]), "")
  else edit(rootFromSeg, rootFromOff + 1, rootToSeg, rootToOff - 1, "")
  top--
}

# White space as letters, so that it fits into a line of the undo file; and back.
function spelled(space) { gsub(/ /, "s", space); gsub(/\t/, "t", space); gsub(/\r/, "r", space); gsub(/\n/, "n", space); return space }
function unspelled(letters) { gsub(/s/, " ", letters); gsub(/t/, "\t", letters); gsub(/r/, "\r", letters); gsub(/n/, "\n", letters); return letters }

function edit_helpers(   i, space) {
  if (helpers && mType[helpers] == "{") {
    space = vacant(helpers) ? inner(helpers) : ""
    if (adds && space != "" && !("helpers" in was)) was["helpers"] = "space " spelled(space)
    if (entries || !("helpers" in was)) edit_body(helpers)
    else if (was["helpers"] == "null") edit(mFromSeg[helpers], mFromOff[helpers], mToSeg[helpers], mToOff[helpers], "null")
    else if (was["helpers"] ~ /^space /) edit(mFromSeg[helpers], mFromOff[helpers] + 1, mToSeg[helpers], mToOff[helpers] - 1, unspelled(substr(was["helpers"], 7)))
    else remove_top(helpers)
    return
  }
  if (!adds) return
  if (helpers) {
    was["helpers"] = "null"
    edit(mFromSeg[helpers], mFromOff[helpers], mToSeg[helpers], mToOff[helpers], new_helpers(lead(helpers)))
    return
  }
  was["helpers"] = "absent"
  space = top ? lead(last) : "\n\t"
  i = new_helpers(space)
  if (top) edit(mToSeg[last], mToOff[last], mToSeg[last], mToOff[last], "," space "\"credHelpers\"" colon() i)
  else edit(rootFromSeg, rootFromOff + 1, rootToSeg, rootToOff - 1, space "\"credHelpers\": " i (space ~ /\n/ ? "\n" : ""))
  top++
}

function new_helpers(space,   k, out) {
  out = ""
  for (k = 1; k <= adds; k++) out = out (k > 1 ? "," : "") deeper(space) (k > 1 && space !~ /\n/ ? space : "") "\"" add[k] "\"" colon() "\"" OURS "\""
  return "{" out (space ~ /\n/ ? space : "") "}"
}

function plan_edits() {
  # Edits stand in the order of the text; a new `credHelpers` comes last.
  if (authsChanged && !(helpers && helpers < auths)) edit_body(auths)
  if (changed) edit_helpers()
  if (authsChanged && helpers && helpers < auths) edit_body(auths)
  if (!entries) delete was["helpers"]
}

# Writes the text with the edits, which stand in its order.
function write_edits(   e, atSeg, atOff) {
  printf "" > ENVIRON["OUT"]
  written = 0
  atSeg = 1; atOff = 0
  for (e = 1; e <= edits; e++) {
    copy(atSeg, atOff, eFromSeg[e], eFromOff[e])
    if (eBody[e]) put_body(eBody[e]); else put(eText[e])
    atSeg = eToSeg[e]; atOff = eToOff[e]
  }
  copy(atSeg, atOff, segments, length(seg[segments]))
  if (begun) put("\n")
  print pending > ENVIRON["OUT"]
  pending = ""
  close(ENVIRON["OUT"])
  print "write " written "\n"
}

# Writes the text between two places.
function copy(fromSeg, fromOff, toSeg, toOff,   j) {
  if (fromSeg == toSeg) { put(substr(seg[fromSeg], fromOff + 1, toOff - fromOff)); return }
  put(substr(seg[fromSeg], fromOff + 1))
  for (j = fromSeg + 1; j < toSeg; j++) put("\"" seg[j])
  put("\"" substr(seg[toSeg], 1, toOff))
}

# Some hundred bytes at once: some awks hand every single print to the system.
function put(text) {
  if (length(pending) > 500) { print pending > ENVIRON["OUT"]; pending = "" }
  pending = pending text
  written += length(text)
}

function write_undo(   k) {
  undo = ""; both = oldUndo
  if (orders) {
    undo_line("config\t" ENVIRON["CONFIG"])
    if ("file" in was) undo_line("file\t" was["file"])
    if ("folder" in was) undo_line("folder\t" was["folder"])
    if ("helpers" in was) undo_line("helpers\t" was["helpers"])
    for (k = 1; k <= orders; k++) undo_line("entry\t" order[k] "\t" now[order[k]])
    for (k in still) undo_line("auth\t" k)
  }
  if (both != oldUndo) say("undo-first", both, ENVIRON["UNDO_OUT"] ".first")
  if (undo != both) say("undo", undo, ENVIRON["UNDO_OUT"])
}

# Makes `text` the whole of a file, and says so with its size.
function say(word, text, file) {
  printf "%s", text > file
  close(file)
  print word " " length(text) "\n"
}

function undo_line(line) {
  undo = undo line "\n"
  if (!(line in oldLine)) both = both line "\n"
}
