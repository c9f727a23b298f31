#!/usr/bin/env bash
# Installs what the tests need and this machine lacks: some of postgresql,
# chromium and gcc. Does nothing when they are there. The tests start a
# PostgreSQL of their own, so the package's is never set up, started or stopped.
set -euo pipefail

has() {
	case $1 in
	postgresql)
		compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ||
			compgen -G '/opt/homebrew/opt/postgresql*/bin/initdb' >/dev/null ||
			command -v initdb >/dev/null
		;;
	chromium)
		local name
		for name in chromium chromium-browser google-chrome google-chrome-stable; do
			! command -v "$name" >/dev/null || return 0
		done
		[[ -x '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome' ]]
		;;
	gcc) command -v gcc >/dev/null || command -v clang >/dev/null ;;
	*) echo "test-deps: what is $1?" >&2 && exit 2 ;;
	esac
}

missing=()
for what in "$@"; do
	has "$what" || missing+=("$what")
done
((${#missing[@]})) || exit 0

give_up() {
	echo "The tests need ${missing[*]}, and $1." >&2
	echo "On Debian: apt-get install postgresql-15 chromium gcc libc6-dev" >&2
	exit 1
}

command -v apt-get >/dev/null || give_up 'I can only install with apt-get'
root=()
if ((EUID != 0)); then
	command -v sudo >/dev/null || give_up 'this is neither root nor a user with sudo'
	root=(sudo)
	[[ -t 0 ]] || root+=(-n) # nobody there to type a password
	"${root[@]}" true || give_up 'sudo refuses'
fi

# apt says what it did only if it failed.
apt() {
	local said
	said=$("${root[@]}" env DEBIAN_FRONTEND=noninteractive \
		apt-get -y -o DPkg::Lock::Timeout=300 "$@" </dev/null 2>&1) || {
		echo "$said" >&2
		return 1
	}
}

# The package lists are fetched only if an installation fails without.
updated=
install() {
	echo "installing $*"
	if [[ -z $updated ]]; then
		apt install --no-install-recommends "$@" 2>/dev/null && return
		updated=yes
		apt update || return
	fi
	apt install --no-install-recommends "$@"
}

# Debian makes and starts a cluster with the server's package unless told not
# to. The configuration is put back afterwards.
install_postgresql() {
	install postgresql-common || return
	local conf=/etc/postgresql-common/createcluster.conf status=0
	"${root[@]}" cp -p "$conf" "$conf.before-dongbo"
	echo 'create_main_cluster = false' | "${root[@]}" tee "$conf" >/dev/null
	install postgresql-15 || install postgresql || status=$?
	"${root[@]}" mv "$conf.before-dongbo" "$conf"
	return "$status"
}

for what in "${missing[@]}"; do
	case $what in
	postgresql) install_postgresql ;;
	chromium) install chromium fonts-liberation ;; # its pages need letters
	gcc) install gcc libc6-dev ;;
	esac || give_up "installing $what failed"
	has "$what" || give_up "$what is still not there"
done
