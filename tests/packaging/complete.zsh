#!/bin/zsh
# SPDX-License-Identifier: GPL-2.0-only
#
# complete.zsh DIRECTORY LINE: what zsh completes this command line to, by the completions in DIRECTORY; a match each line. A shell
# on a terminal of its own is asked, by its completion system: what that hands to compadd is what it would show.

emulate -R zsh
zmodload zsh/zpty || exit 1
directory=$1 line=$2
work=$(mktemp -d) || exit 1
mkfifo $work/done

cat >$work/.zshrc <<END
PS1= RPS1=
fpath=(${(q)directory} \$fpath)
autoload -Uz compinit && compinit -D -u
compadd() {
	local -a matches
	# With one of these it only sorts out what another call then adds.
	if [[ -z \${(M)@[1,(i)(-|--)]:#-[OAD]*} ]]; then
		builtin compadd -A matches "\$@"
		((\$#matches == 0)) || print -rl -- \$matches >>$work/matches
	fi
	builtin compadd "\$@"
}
ask() {
	_main_complete
	compstate[insert]= compstate[list]=
}
zle -C ask complete-word ask
# Not typed: what is typed while the line editor starts may be lost.
zle-line-init() {
	BUFFER=${(q)line}
	CURSOR=\$#BUFFER
	zle ask
	print >$work/done
}
zle -N zle-line-init
END

export ZDOTDIR=$work TERM=dumb
zpty shell zsh -d -i || exit 1
read -t 60 <>$work/done
answered=$?
zpty -d shell
if ((answered != 0)); then
	print -u 2 "complete.zsh: no answer within a minute"
elif [[ -e $work/matches ]]; then
	sort -u $work/matches
fi
rm -rf $work
exit $answered
