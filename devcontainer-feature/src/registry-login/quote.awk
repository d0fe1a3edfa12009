BEGIN { printf "%s", json_quote(ENVIRON["TEXT"]) }
