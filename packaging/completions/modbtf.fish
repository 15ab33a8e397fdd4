# SPDX-License-Identifier: GPL-2.0-only
#
# Completion of modbtf(8) for fish.

# The command is the first word.
function __modbtf_command
    set -l words (commandline -opc)
    test (count $words) -gt 1; and contains -- $words[2] $argv
end

function __modbtf_no_command
    test (count (commandline -opc)) -eq 1
end

function __modbtf_releases
    for directory in /lib/modules/*/
        path basename $directory
    end
end

function __modbtf_modules
    __fish_complete_path (commandline -ct) | string match -r '^.*(?:/|\.ko(?:\.gz|\.xz|\.zst)?)(?:\t.*)?$'
end

complete -c modbtf -f
complete -c modbtf -n __modbtf_no_command -a generate -d 'Write the BTF of modules'
complete -c modbtf -n __modbtf_no_command -a update -d 'Make the BTF of installed modules right'
complete -c modbtf -n __modbtf_no_command -a check -d 'Tell whether the kernel would take the BTF of modules'
complete -c modbtf -n __modbtf_no_command -a show -d 'Show what is in modules'
complete -c modbtf -n __modbtf_no_command -a diff -d 'Show what two modules or kernels differ in'
complete -c modbtf -n __modbtf_no_command -a base -d 'Tell where the BTF of a kernel is, or write it to a file'
complete -c modbtf -n __modbtf_no_command -l version -d 'Print the version'
complete -c modbtf -s h -l help -d 'Print the options'

complete -c modbtf -n '__modbtf_command generate update check show' -a '(__modbtf_modules)'
complete -c modbtf -n '__modbtf_command diff' -F

set -l all generate update check show diff base
set -l make generate update
complete -c modbtf -n "__modbtf_command $all" -s b -l base -rF -d 'BTF of the kernel'
complete -c modbtf -n "__modbtf_command $make diff" -l old-base -rF -d 'The base that the present BTF was made on'
complete -c modbtf -n "__modbtf_command $make" -l debug -rF -d 'Debug info of a stripped module'
complete -c modbtf -n "__modbtf_command $make check show base" -s k -l kernel -x -a '(__modbtf_releases)' -d 'The kernel it is for'
complete -c modbtf -n '__modbtf_command generate base' -s o -l output -rF -d 'Write to this file'
complete -c modbtf -n '__modbtf_command generate' -l shard -x -d 'Take part I of N only'
complete -c modbtf -n "__modbtf_command $all" -l root -x -a '(__fish_complete_directories)' -d 'Look for kernels under this directory'
complete -c modbtf -n "__modbtf_command $make check" -s j -l jobs -x -d 'Use so many threads'
complete -c modbtf -n "__modbtf_command $make check" -l memlimit -x -d 'Begin no module that would take more memory'
complete -c modbtf -n "__modbtf_command $make base" -s n -l dry-run -d 'Do all but write'
complete -c modbtf -n "__modbtf_command $make" -l base-section -x -a 'auto always never' -d 'Write .BTF.base'
complete -c modbtf -n "__modbtf_command $make" -l sign-key -rF -d 'Sign modules with this key'
complete -c modbtf -n "__modbtf_command $make" -l sign-cert -rF -d 'The certificate of the key'
complete -c modbtf -n "__modbtf_command $make" -l sign-hash -x -a 'sha256 sha384 sha512 sha3-256 sha3-384 sha3-512' -d 'Sign by this hash'
complete -c modbtf -n "__modbtf_command $make" -l sign-file -rF -d 'Sign with this program'
complete -c modbtf -n "__modbtf_command $make" -l sign -d 'Sign modules that are not signed as well'
complete -c modbtf -n "__modbtf_command $make" -l unsigned -d 'Write signed modules without their signature'
complete -c modbtf -n "__modbtf_command $make check" -l config -rF -d 'Read this file'
complete -c modbtf -n "__modbtf_command $make" -l force -d 'Take a base of another release'
complete -c modbtf -n "__modbtf_command $make" -l strict -d 'Fail where a name in .BTF_ids is not found'
complete -c modbtf -n '__modbtf_command show' -l dump -x -a 'raw c' -d 'Print the types'
complete -c modbtf -n '__modbtf_command base' -l list -d 'List the bases that are kept'
complete -c modbtf -n '__modbtf_command base' -l prune -d 'Remove those that no installed module needs'
complete -c modbtf -n "__modbtf_command $all" -l json -d 'One JSON object a line'
complete -c modbtf -n "__modbtf_command $all" -s q -l quiet -d 'Print errors only'
complete -c modbtf -n "__modbtf_command $all" -s v -l verbose -d 'Say more'
