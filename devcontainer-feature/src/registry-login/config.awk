# Makes `credHelpers` of a Docker config.json say what it is to say (with json.awk and host.awk; RS is the quotation mark).
#
# In:  the file's text as input, its SIZE in bytes, WANTED names, UNDO (file of what was before us), OUT and UNDO_OUT.
# Out: the new text in OUT and the new undo lines in UNDO_OUT. Prints "remove" when nothing is left of a file that was
#      ours. Ends with 3 where the text is no JSON object, with 4 where `credHelpers` is not a table of names.
# With REPORT=1 it changes nothing and prints `credsStore`, a tab, its value; and `auth` or `ours`, a tab,
# a key, for each entry of `auths` and for each of `credHelpers` that names us.
BEGIN { RS = "\""; FS = "\001"; ORS = ""; OURS = "registry-login"; WATCH["credHelpers"]; WATCH["auths"] }

{ seg[NR] = $0; bytes += length($0) + 1 }

END {
  n = NR
  # awk drops an empty record at the end, and some awks cut a record at a NUL: the size tells.
  size = ENVIRON["SIZE"] + 0
  if (n > 0 && bytes == size) seg[++n] = ""
  else if (n > 0 ? bytes - 1 != size : size) exit 3
  read_undo()
  if (n == 0 || n == 1 && seg[1] ~ /^[ \t\r\n]*$/) {
    if (!("file" in was)) was["file"] = "empty"
    seg[1] = "{}"; n = 1; begun = 1
  }
  json_parse(n)
  if (bad || rootType != "{") exit 3
  for (i = 1; i <= M; i++) if (mParent[i] == 0) {
    last = i
    top++
    if (mKey[i] == "credHelpers") helpers = i
    if (mKey[i] == "auths") auths = i
    if (mKey[i] == "credsStore" && mType[i] == "string") store = json_text(mRaw[i])
  }
  if (ENVIRON["REPORT"]) { report(); exit }
  if (helpers && mType[helpers] != "{" && mType[helpers] != "null") exit 4
  plan_helpers()
  plan_auths()
  write_config()
  write_undo()
}

function report(   i) {
  if (store != "") print "credsStore\t" store "\n"
  for (i = 1; i <= M; i++) if (mParent[i]) {
    if (mParent[i] == auths) print "auth\t" mKey[i] "\n"
    if (mParent[i] == helpers && mRaw[i] == OURS) print "ours\t" mKey[i] "\n"
  }
}

function read_undo(   line, part) {
  RS = "\n"
  while ((getline line < ENVIRON["UNDO"]) > 0) {
    split(line, part, "\t")
    if (part[1] == "entry") before[part[2]] = part[3]
    else if (part[1] == "auth") caused[part[2]] = 1
    else was[part[1]] = part[2]
  }
  close(ENVIRON["UNDO"])
  if (ENVIRON["ABSENT"] ~ /file/) was["file"] = "absent"
  if (ENVIRON["ABSENT"] ~ /folder/) was["folder"] = "absent"
}

function plan_helpers(   k, i, count, list, name) {
  count = split(ENVIRON["WANTED"], list, " ")
  for (k = 1; k <= count; k++) {
    name = list[k]
    order[++orders] = host_key(name); wanted[host_key(name)] = 1; wantedName[name] = 1
    # podman, buildah and skopeo look Docker Hub up under this key.
    if (name == "docker.io") { order[++orders] = name; wanted[name] = 1 }
  }
  for (i = 1; i <= M; i++) if (helpers && mParent[i] == helpers) {
    entries++
    mine = mType[i] == "string" && mRaw[i] == OURS
    if (mKey[i] in wanted) {
      if (mType[i] == "{" || mType[i] == "[") exit 4
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

function value_text(i) {
  return mType[i] == "string" ? "\"" mRaw[i] "\"" : mRaw[i]
}

# `docker login` to a host with a helper leaves an empty entry in `auths`: those that came with us go with us.
function plan_auths(   i, key) {
  for (key in caused) if (host_name(key) in wantedName) still[key] = 1
  for (i = 1; i <= M; i++) {
    if (!auths || mParent[i] != auths || !(mKey[i] in caused) || (mKey[i] in still)) continue
    if (mType[i] == "{" && inner(i) ~ /^[ \t\r\n]*$/) { drop[i] = 1; authsChanged = 1 }
  }
}

function inner(i) { return json_slice(mFromSeg[i], mFromOff[i] + 1, mToSeg[i], mToOff[i] - 1) }

# White space in front of a key, and between a value and what ends it.
function lead(i,   t) { t = seg[mBefore[i]]; sub(/^.*[,{]/, "", t); return t }
function tail(i,   t) { t = substr(seg[mToSeg[i]], mToOff[i] + 1); match(t, /[,}]/); return substr(t, 1, RSTART - 1) }

# What stands between a key and its value: as in the neighbours.
function colon() {
  return M ? substr(seg[mFromSeg[M]], 1, mFromOff[M]) : ": "
}

# The inside of object `p` without what is dropped, with changed values and with what is added.
function body(p, adding,   i, k, out, count, final, between, from, members, start, end) {
  for (i = 1; i <= M; i++) if (mParent[i] == p) { if (!members++) start = i; end = i }
  out = ""; count = 0; from = "\n\t\t"; final = "\n\t"
  if (members) { from = lead(end); final = tail(end) }
  else if (adding) { from = deeper(lead(p)); final = lead(p) ~ /\n/ ? lead(p) : "" }
  for (i = start; members && i <= end; i++) {
    if (mParent[i] != p || drop[i]) continue
    out = out (count++ ? between "," lead(i) : lead(start))
    if (i in instead) out = out json_slice(mBefore[i], length(seg[mBefore[i]]), mFromSeg[i], mFromOff[i]) instead[i]
    else out = out json_slice(mBefore[i], length(seg[mBefore[i]]), mToSeg[i], mToOff[i])
    between = i == end ? "" : tail(i)
  }
  for (k = 1; adding && k <= adds; k++) {
    out = out (count++ ? between "," : "") from "\"" add[k] "\"" colon() "\"" OURS "\""
    between = ""
  }
  return count ? out final : ""
}

function deeper(space,   unit) {
  if (space !~ /\n/) return ""
  unit = space
  sub(/^.*\n/, "", unit)
  return space unit
}

function edit(fromSeg, fromOff, toSeg, toOff, replacement) {
  edits++
  eFromSeg[edits] = fromSeg; eFromOff[edits] = fromOff; eToSeg[edits] = toSeg; eToOff[edits] = toOff; eText[edits] = replacement
}

function edit_helpers(   next_, i, prev, space) {
  if (helpers && mType[helpers] == "{") {
    if (entries || !("helpers" in was)) edit(mFromSeg[helpers], mFromOff[helpers] + 1, mToSeg[helpers], mToOff[helpers] - 1, body(helpers, 1))
    else if (was["helpers"] == "null") edit(mFromSeg[helpers], mFromOff[helpers], mToSeg[helpers], mToOff[helpers], "null")
    else {
      for (i = 1; i <= M; i++) if (mParent[i] == 0) { if (i < helpers) prev = i; else if (i > helpers && !next_) next_ = i }
      if (prev) edit(mToSeg[prev], mToOff[prev], mToSeg[helpers], mToOff[helpers], "")
      else if (next_) edit(mBefore[helpers], length(seg[mBefore[helpers]]), mBefore[next_], length(seg[mBefore[next_]]), "")
      else edit(rootFromSeg, rootFromOff + 1, rootToSeg, rootToOff - 1, "")
      top--
    }
    return
  }
  if (!adds) return
  if (helpers) {
    was["helpers"] = "null"
    edit(mFromSeg[helpers], mFromOff[helpers], mToSeg[helpers], mToOff[helpers], "{" body(helpers, 1) "}")
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

function write_config(   e, i, atSeg, atOff, out) {
  out = ENVIRON["OUT"]
  # Edits stand in the order of the text; a new `credHelpers` comes last.
  if (authsChanged && !(helpers && helpers < auths)) edit_auths()
  if (changed) edit_helpers()
  if (authsChanged && helpers && helpers < auths) edit_auths()
  if (!entries) delete was["helpers"]
  printf "" > out
  if (top == 0 && was["file"] == "absent") { print "remove\n"; close(out); return }
  if (top == 0 && was["file"] == "empty") { close(out); return }
  atSeg = 1; atOff = 0
  for (e = 1; e <= edits; e++) {
    copy(atSeg, atOff, eFromSeg[e], eFromOff[e], out)
    print eText[e] > out
    atSeg = eToSeg[e]; atOff = eToOff[e]
  }
  copy(atSeg, atOff, n, length(seg[n]), out)
  if (begun) print "\n" > out
  close(out)
}

function edit_auths() { edit(mFromSeg[auths], mFromOff[auths] + 1, mToSeg[auths], mToOff[auths] - 1, body(auths, 0)) }

function copy(fromSeg, fromOff, toSeg, toOff, out,   j) {
  if (fromSeg == toSeg) { print substr(seg[fromSeg], fromOff + 1, toOff - fromOff) > out; return }
  print substr(seg[fromSeg], fromOff + 1) > out
  for (j = fromSeg + 1; j < toSeg; j++) print "\"" seg[j] > out
  print "\"" substr(seg[toSeg], 1, toOff) > out
}

function write_undo(   k, out) {
  out = ENVIRON["UNDO_OUT"]
  printf "" > out
  if (orders) {
    print "config\t" ENVIRON["CONFIG"] "\n" > out
    if ("file" in was) print "file\t" was["file"] "\n" > out
    if ("folder" in was) print "folder\t" was["folder"] "\n" > out
    if ("helpers" in was) print "helpers\t" was["helpers"] "\n" > out
    for (k = 1; k <= orders; k++) print "entry\t" order[k] "\t" now[order[k]] "\n" > out
    for (k in still) print "auth\t" k "\n" > out
  }
  close(out)
}
