# What the scripts share; sourced with $root set to the repository's absolute path.
# need_runtime bun|deno   leaves the path of the pinned runtime in $bun or $deno
# need_dependencies       lays node_modules as deno.lock says
# attend PID WHAT FOLDER  waits for a process; says on a terminal how far it is
# sha256 FILE             prints its sum, as sha256sum does
# show_help ARGUMENTS     where --help or -h is among them: prints the head of the script, and ends it
# Once the first two have done their work, they cost a few file checks. Several scripts may run them at
# the same time.

. "$root/scripts/versions"
tools=$root/.tools

say() { echo "hurricane: $*" >&2; }

need_runtime() {
  case $1 in
    bun) bun=$tools/bun-$BUN_VERSION; set -- bun "$BUN_VERSION" "$bun" ;;
    deno) deno=$tools/deno-$DENO_VERSION; set -- deno "$DENO_VERSION" "$deno" ;;
  esac
  # A runtime that is younger than the stamp was upgraded in place behind the link.
  if [ -x "$3" ] && ! [ "$3" -nt "$3.stamp" ]; then return; fi
  mkdir -p "$tools"
  touch "$3.stamp"
  found=$(executable_of "$1")
  if [ -n "$found" ] && version_is "$2" "$found"; then
    ln -s "$found" "$3.$$"
    mv -f "$3.$$" "$3"
  else
    install_runtime "$@"
  fi
}

# On PATH may be a wrapper (npm's is a Node program, version managers have shell scripts), which
# would slow every start: the runtime itself knows where it is.
executable_of() {
  case $1 in
    bun) bun -e 'console.log(process.execPath)' 2>/dev/null || true ;;
    deno) deno eval 'console.log(Deno.execPath())' 2>/dev/null || true ;;
  esac
}

version_is() {
  case $("$2" --version 2>/dev/null) in
    "$1" | "deno $1 "*) return 0 ;;
    *) return 1 ;;
  esac
}

# npm's install scripts are left out, for not every npm runs them: the packages for the platforms
# hold the executables. What npm laid is for one machine; only the executable stays, renamed into
# place so that nobody sees half of it.
install_runtime() {
  say "installing $1 $2 from npm into .tools/ (once)"
  staging=$tools/staging-$1.$$
  trap 'end_attended; rm -rf "$staging"' EXIT
  trap 'exit 130' INT TERM HUP
  mkdir -p "$staging"
  npm install --prefix "$staging" --ignore-scripts --no-audit --no-fund --no-package-lock \
    --no-save --loglevel=error "$1@$2" >"$staging/log" 2>&1 &
  attend $! "$1 $2" "$staging" || { cat "$staging/log" >&2; exit 1; }
  for candidate in "$staging"/node_modules/@oven/*/bin/bun "$staging"/node_modules/@deno/*/deno; do
    if version_is "$2" "$candidate"; then
      touch -t 200001010000 "$candidate" # older than any stamp
      mv -f "$candidate" "$3"
      rm -rf "$staging"
      trap - EXIT INT TERM HUP
      return
    fi
  done
  say "npm has no $1 $2 that runs on this machine ($(uname -sm)): install it by hand and put it on PATH"
  exit 1
}

need_dependencies() {
  stamp=$root/node_modules/.hurricane-stamp
  if [ -e "$stamp" ] && ! [ "$root/deno.lock" -nt "$stamp" ]; then return; fi
  need_runtime deno
  say "installing the dependencies (once)"
  log=$tools/install.$$.log
  (cd "$root" && exec "$deno" install --frozen --quiet) >"$log" 2>&1 &
  trap 'end_attended; rm -f "$log"' EXIT
  trap 'exit 130' INT TERM HUP
  attend $! dependencies "$root/node_modules" || { cat "$log" >&2; exit 1; }
  trap - EXIT INT TERM HUP
  rm -f "$log"
  touch "$stamp"
}

# Waits for a process. On a terminal one line says how long that has taken, and how much has been laid
# in a folder by then.
attend() {
  attended=$1
  if [ -t 2 ] && [ "${TERM:-dumb}" != dumb ]; then
    seconds=0
    while kill -0 "$1" 2>/dev/null; do
      laid=$(du -sh "$3" 2>/dev/null | cut -f1)
      printf '\r\033[Khurricane: %s: %ss, %s laid' "$2" "$seconds" "${laid:-nothing}" >&2
      sleep 1
      seconds=$((seconds + 1))
    done
    printf '\r\033[K' >&2
  fi
  outcome=0
  wait "$1" || outcome=$?
  attended=
  return "$outcome"
}

# What runs beside a script does not hear of Ctrl-C.
end_attended() {
  if [ -n "${attended:-}" ]; then kill "$attended" 2>/dev/null || true; fi
}

show_help() {
  for argument; do
    case $argument in
      -h | --help) awk 'NR > 1 && !/^#/ { exit } NR > 1 { print substr($0, 3) }' "$0"; exit 0 ;;
    esac
  done
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi
}
