# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A build farm: three machines that are this one with GNU parallel, OpenSSH and Slurm of the archive laid over it, each with a
# root, a name and an address on the loopback device of its own. `front` gives out the work, host1 and host2 do it. What is written
# there is in memory, and mounts, processes and ports end with the namespaces of the caller. To be sourced, after archive.sh,
# by a shell that is root in mount, process and network namespaces of its own.
#
#   farm_layer DIR		fills DIR with what has to be laid over this machine; needs no root
#   farm_make DIR LAYER SHARED PROGRAM	the machines, as DIR/NAME, with the directory SHARED as /srv/farm and PROGRAM as modbtf
#   farm_run NAME COMMAND...	runs a command on one of them, in /srv/farm
#   farm_start_ssh		sshd on host1 and host2, and front has the key
#   farm_start_slurm		slurmctld on front, slurmd on host1 and host2, munged on all

farm_packages=(parallel rsync openssh-client openssh-server slurm-client slurmctld slurmd munge)
# For documentation, by RFC 5737. What has 127.0.0.1 alone has no network, getaddrinfo() thinks.
declare -A farm_address=([front]=192.0.2.1 [host1]=192.0.2.2 [host2]=192.0.2.3)

# farm_missing SUITE: "PACKAGE VERSION" of what would have to be installed on this machine. What is installed is not fetched, and
# no maintainer script runs, so no service is started.
farm_missing() {
	local suite=$1 arch said
	arch=$(archive_arch)
	archive_update "$suite" "$arch" || return 1
	said=$(archive_apt "$suite" "$arch" apt-get -s --no-install-recommends \
		-o Dir::State::status=/var/lib/dpkg/status install "${farm_packages[@]}") || return 1
	sed -nE 's/^Inst ([^ ]+) (\[[^]]*\] )?\(([^ ]+) .*/\1 \3/p' <<<"$said"
}

# farm_layer DIR: what the packages have below /usr
farm_layer() {
	local suite package version tree name
	suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	mkdir -p "$1/usr/sbin"
	farm_missing "$suite+$suite-security" >"$1/packages" || return 1
	while read -r package version; do
		tree=$(archive_tree "$suite+$suite-security" "$package=$version") || return 1
		cp -r --preserve=mode,links "$tree/usr/." "$1/usr/" || return 1
	done <"$1/packages"
	rm "$1/packages"
	# Debian calls some of Slurm so; the name that all know is made when it is installed.
	for name in slurmctld slurmd slurmstepd; do
		[[ ! -e $1/usr/sbin/$name-wlm ]] || ln -s "$name-wlm" "$1/usr/sbin/$name"
	done
}

farm_make() {
	local layer=$2 shared=$3 program=$4 name root hidden
	farm_dir=$1
	mount -t tmpfs -o mode=755 modbtf-test "$farm_dir" && mkdir "$farm_dir/mem" || return 1
	# Of the layers of an overlay none may be in another one.
	cp -r "$layer" "$farm_dir/layer" || return 1
	ip link set lo up || return 1
	printf '127.0.0.1 localhost\n' >"$farm_dir/hosts"
	for name in front host1 host2; do
		ip address add "${farm_address[$name]}/32" dev lo || return 1
		printf '%s %s\n' "${farm_address[$name]}" "$name" >>"$farm_dir/hosts"
	done
	for name in front host1 host2; do
		root=$farm_dir/$name
		mkdir -p "$root" "$farm_dir/mem/$name"/{upper,work}
		mount -t overlay modbtf-test -o \
			"lowerdir=$farm_dir/layer:/,upperdir=$farm_dir/mem/$name/upper,workdir=$farm_dir/mem/$name/work" \
			"$root" || return 1
		# Nothing of the kernels of this machine is there, nor of those who use it.
		for hidden in boot lib/modules root run srv sys tmp usr/lib/debug var/cache var/lib/modbtf; do
			mkdir -p "$root/$hidden"
			mount -t tmpfs -o mode=755 modbtf-test "$root/$hidden" || return 1
		done
		rm -f "$root"/etc/modbtf.conf "$root"/usr/bin/modbtf
		mkdir -p "$root"/{dev,etc,proc,run/munge,run/sshd,srv/farm,var/lib/munge,var/log/munge,var/spool/slurm}
		chmod 1777 "$root/tmp"
		mount --rbind /proc "$root/proc" && mount --rbind /dev "$root/dev" || return 1
		mount --bind "$shared" "$root/srv/farm" || return 1
		cp "$farm_dir/hosts" "$root/etc/hosts" || return 1
		cp "$program" "$root/usr/bin/modbtf" || return 1
	done
}

farm_run() {
	local name=$1
	shift
	# shellcheck disable=SC2016 # the shell in there shall expand this
	env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
		unshare --uts bash -c 'hostname "$1" && cd "$2" && exec chroot . env -C /srv/farm "${@:3}"' \
		farm "$name" "$farm_dir/$name" "$@"
}

# farm_until SECONDS COMMAND...: waits until it succeeds
farm_until() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		if ((SECONDS >= end)); then
			echo "in vain: $*"
			"$@"
			return
		fi
		sleep 0.1
	done
}

farm_start_ssh() {
	local name root
	# ssh and sshd ask this file for the user's home, and sshd for its own user.
	for name in front host1 host2; do
		root=$farm_dir/$name
		printf 'root:x:0:0:root:/root:/bin/bash\nsshd:x:65533:65534::/run/sshd:/bin/false\n' >"$root/etc/passwd"
		printf 'root:*:1::::::\nsshd:*:1::::::\n' >"$root/etc/shadow"
		rm -rf "$root/etc/ssh" "$root/etc/nologin"
		mkdir -p "$root/etc/ssh"
		mkdir -m 700 "$root/root/.ssh"
	done
	# One connection a host, for parallel makes some for each job.
	printf '%s\n' 'ControlMaster auto' "ControlPath ~/.ssh/%h" 'ControlPersist yes' >"$farm_dir/front/root/.ssh/config"
	ssh-keygen -q -t ed25519 -N '' -f "$farm_dir/front/root/.ssh/id_ed25519"
	for name in host1 host2; do
		root=$farm_dir/$name
		ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$root/etc/ssh/ssh_host_ed25519_key"
		cp "$farm_dir/front/root/.ssh/id_ed25519.pub" "$root/root/.ssh/authorized_keys"
		printf '%s\n' "ListenAddress ${farm_address[$name]}" 'UsePAM no' 'PasswordAuthentication no' \
			>"$root/etc/ssh/sshd_config"
		printf 'Host %s\n\tHostName %s\n' "$name" "${farm_address[$name]}" >>"$farm_dir/front/root/.ssh/config"
		printf '%s %s\n' "${farm_address[$name]}" "$(cut -d' ' -f1,2 "$root/etc/ssh/ssh_host_ed25519_key.pub")" \
			>>"$farm_dir/front/root/.ssh/known_hosts"
		# sshd wants to be called by its full path.
		farm_run "$name" /usr/sbin/sshd -E "/var/log/sshd.log" || { cat "$root/var/log/sshd.log" && return 1; }
	done
	for name in host1 host2; do
		farm_until 20 farm_run front ssh -o BatchMode=yes "$name" true
	done
}

farm_start_slurm() {
	local name root
	head -c 128 /dev/urandom >"$farm_dir/munge.key"
	for name in front host1 host2; do
		root=$farm_dir/$name
		mkdir -p "$root"/etc/{munge,slurm}
		install -m 400 "$farm_dir/munge.key" "$root/etc/munge/munge.key"
		cat >"$root/etc/slurm/slurm.conf" <<-END
			ClusterName=farm
			SlurmctldHost=front(${farm_address[front]})
			SlurmUser=root
			StateSaveLocation=/var/spool/slurm
			SlurmdSpoolDir=/var/spool/slurm
			SlurmctldPidFile=/run/slurmctld.pid
			SlurmdPidFile=/run/slurmd.pid
			SlurmctldLogFile=/var/log/slurmctld.log
			SlurmdLogFile=/var/log/slurmd.log
			ProctrackType=proctrack/linuxproc
			TaskPlugin=task/none
			MpiDefault=none
			SelectType=select/linear
			ReturnToService=2
			SlurmdParameters=config_overrides
			NodeName=host1 NodeAddr=${farm_address[host1]} Port=6818
			NodeName=host2 NodeAddr=${farm_address[host2]} Port=6819
			PartitionName=all Nodes=ALL Default=YES
		END
		# Autodetection fails where there are no cgroups; none are used.
		echo 'CgroupPlugin=cgroup/v1' >"$root/etc/slurm/cgroup.conf"
		farm_run "$name" munged
	done
	farm_run front slurmctld
	farm_run host1 slurmd
	farm_run host2 slurmd
	if ! farm_until 30 farm_slurm_ready; then
		tail -n 5 "$farm_dir"/*/var/log/slurm*.log
		return 1
	fi
}

# Both nodes take work.
farm_slurm_ready() {
	[[ $(farm_run front sinfo -h -N -o %T) == $'idle\nidle' ]] || { farm_run front sinfo -N && return 1; }
}
