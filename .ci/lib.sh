# Functions for .ci/run and .ci/deep, which source this file from the root of the repository.
# shellcheck shell=bash

# Everything is built from scratch here, so whatever only helps the next build or a debugger is left out.
export CARGO_INCREMENTAL=0
export CARGO_PROFILE_DEV_DEBUG=line-tables-only

host=$(rustc -vV | sed -n 's/^host: //p')
started=$SECONDS
durations=()
step_name=
step_started=$SECONDS

# Begins a step, whose duration is printed at the end.
step() {
  end_step
  step_name=$*
  step_started=$SECONDS
  printf '\n=== %s\n' "$*"
}

end_step() {
  [ -z "$step_name" ] || durations+=("$(printf '%5d s  %s' $((SECONDS - step_started)) "$step_name")")
  step_name=
}

print_durations() {
  end_step
  printf '\n=== durations\n'
  [ ${#durations[@]} -eq 0 ] || printf '%s\n' "${durations[@]}"
  printf '%5d s  all\n' $((SECONDS - started))
}

# Reports a check that cannot run here.
skip() { printf '\n!!! SKIPPED: %s\n' "$*"; }

# Whether a tool of Cargo is there. It is not installed here, as that takes minutes.
has_tool() {
  command -v "$1" >/dev/null && return 0
  skip "no $1: cargo install --locked $1"
  return 1
}

# Reports a check that this run leaves to another one.
left_out() { printf '\n!!! LEFT OUT: %s\n' "$*"; }

# Installs a Debian package, if there is apt-get and we may use it.
install() {
  command -v "$1" >/dev/null && return 0
  command -v apt-get >/dev/null || return 1
  apt-get update -qq >/dev/null 2>&1 && apt-get install -y -qq "$1" >/dev/null 2>&1
  command -v "$1" >/dev/null
}

# Checks deny.toml. Advisories need their database, and so the network.
check_dependencies() {
  cargo deny --workspace check bans licenses sources
  if cargo deny --workspace fetch db; then
    cargo deny --workspace check advisories
  else
    skip "advisories: their database cannot be fetched"
  fi
}

nightly() {
  rustup component add miri rust-src --toolchain nightly >/dev/null 2>&1 &&
    cargo +nightly miri --version >/dev/null 2>&1
}

# The test programs of the engine, which Miri runs as a whole.
engine=(soundness protocol async_protocol adapt concurrent_yields reentrancy footguns delegation calls early_stops model)

# The random attacks: every test program whose name begins with "attack", as arguments for Cargo.
attacks() {
  local path
  for path in tests/attack*; do
    [ -e "$path" ] || continue
    path=${path##*/}
    printf -- '--test\n%s\n' "${path%.rs}"
  done
}

# The flags of a borrow model: "stacked" or "tree".
model_flags() {
  case $1 in
    stacked) printf '' ;;
    tree) printf -- '-Zmiri-tree-borrows' ;;
    *) echo "no such borrow model: $1" >&2 && return 1 ;;
  esac
}

# miri MODEL ARGUMENTS...: cargo miri test with the flags that both models share. MIRI_FLAGS adds more flags.
miri() {
  local flags
  flags=$(model_flags "$1")
  shift
  MIRIFLAGS="-Zmiri-strict-provenance ${MIRI_FLAGS:-} $flags" cargo +nightly miri test "$@"
}

# both_models COMMAND ARGUMENTS...: runs COMMAND MODEL ARGUMENTS with both models at the same time, as the interpreter
# uses one core. Do not use it as a condition: a failure inside would go unnoticed.
both_models() {
  local command=$1 logs model status=0 running=()
  shift
  logs=$(mktemp -d)
  for model in stacked tree; do
    "$command" "$model" "$@" >"$logs/$model" 2>&1 &
    running+=($!)
  done
  for model in "${running[@]}"; do
    wait "$model" || status=1
  done
  for model in stacked tree; do
    printf -- '--- %s borrows\n' "$model"
    cat "$logs/$model"
  done
  rm -rf "$logs"
  return $status
}

# miri_engine MODEL PROGRAM...: runs test programs of the engine; also takes "lib", "sans_io", "leaks" and "without_std".
miri_engine() {
  local model=$1 program programs=()
  shift
  for program in "$@"; do
    case $program in
      lib) programs+=(--lib) ;;
      # Leaves out the tests that open sockets.
      sans_io) miri "$model" --test sans_io -- --skip over_ ;;
      without_std) miri "$model" -p cogen --no-default-features --test without_std ;;
      # Five tests leak on purpose.
      leaks)
        MIRI_FLAGS=-Zmiri-ignore-leaks miri "$model" \
          --test concurrent_yields --test footguns --test calls -- --ignored
        ;;
      *) programs+=(--test "$program") ;;
    esac
  done
  [ ${#programs[@]} -eq 0 ] || miri "$model" --features genawaiter "${programs[@]}"
}

# miri_aio MODEL FILTER...: runs the async API, except for what starts processes. Tokio reads the system's clock.
miri_aio() {
  local model=$1
  shift
  MIRI_FLAGS=-Zmiri-disable-isolation miri "$model" \
    --features aio --lib --test aio --test aio_sync -- --skip ctrl_c "$@"
}

# miri_attack MODEL: runs the random attacks. COGEN_ATTACK_ROUNDS or COGEN_ATTACK_SECONDS says how long.
miri_attack() {
  local attacks
  mapfile -t attacks < <(attacks)
  MIRI_FLAGS=-Zmiri-disable-isolation miri "$1" --features aio "${attacks[@]}"
}

# sanitized NAME ARGUMENTS...: runs cargo test with a sanitizer, in a target folder of its own.
sanitized() {
  local sanitizer=$1
  shift
  RUSTFLAGS="-Zsanitizer=$sanitizer" cargo +nightly test --target-dir "target/$sanitizer" --target "$host" "$@"
}

asan() {
  # Leaks are not detected, because tests leak on purpose and the attacks count their values themselves. Nor is stack
  # use after return: that check moves locals elsewhere, but the address of a local must tell how much stack is left.
  RUST_MIN_STACK=$((4 << 20)) COGEN_STACK_TIMES=2 ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=0 sanitized address "$@"
}

# test_package FOLDER TEST...: makes a package with these test programs, which depends on the crate and on little else,
# because the dependencies of the other tests do not support old compilers and other targets.
test_package() {
  local folder=$1 test path
  shift
  mkdir -p "$folder/src"
  : >"$folder/src/lib.rs"
  {
    printf '[workspace]\n[package]\nname = "cogen-tests"\nedition = "2024"\n'
    printf '[lints.rust]\nunexpected_cfgs = "allow"\ndead_code = "allow"\n'
    printf '[dependencies]\ncogen = { path = "%s" }\nfutures = "0.3.31"\nthiserror = "2.0.12"\n' "$PWD"
    for test in "$@"; do
      path=$PWD/tests/$test.rs
      [ -e "$path" ] || path=$PWD/tests/$test/main.rs
      printf '[[test]]\nname = "%s"\npath = "%s"\n' "$test" "$path"
    done
  } >"$folder/Cargo.toml"
  cp Cargo.lock "$folder/"
}
