"""For bash 4 and newer, without the package bash-completion."""

import shlex

from catgem_tui.commands.shells import FOLDERS, name_of, own_folder, shipped, taking
from catgem_tui.commands.tree import FILE, Argument, Command

_FRAME = """\
# bash completion for catgem, printed by: catgem completion bash
# Into ~/.local/share/bash-completion/completions/catgem, or sourced from ~/.bashrc.

_catgem_files() {{
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$1")
}}

_catgem_words() {{
    mapfile -t COMPREPLY < <(compgen -W "$2" -- "$1")
}}

{names}
_catgem() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} option=${{COMP_WORDS[COMP_CWORD - 1]}} command=catgem word index skip=
    COMPREPLY=()
    # bash takes --option=value and addresses apart at "=" and ":".
    if [[ $option == "=" ]]; then option=${{COMP_WORDS[COMP_CWORD - 2]}}; fi
    if [[ $current == "=" ]]; then current=; fi
    for ((index = 1; index < COMP_CWORD; index++)); do
        word=${{COMP_WORDS[index]}}
        if [[ $word == [=:] ]]; then skip=yes; continue; fi
        if [[ $skip ]]; then skip=; continue; fi
        case "$command $word" in
            {taking}) skip=yes ;;
            {commands}) command+=" $word" ;;
        esac
    done
    if [[ $skip ]]; then
        case "$command $option" in
{values}
        esac
        return
    fi
    if [[ $current == -* ]]; then
        case $command in
{options}
        esac
        return
    fi
    case $command in
{rest}
    esac
}}

complete -F _catgem catgem
"""
_NAMES = """\
_catgem_{folder}() {{
    local file names={shipped}
    for file in "{own}"/*.toml; do
        if [[ -e $file ]]; then file=${{file##*/}}; names+=" ${{file%.toml}}"; fi
    done
    _catgem_words "$1" "$names"
}}
"""


def write(tree: Command) -> str:
    below = [command for command in tree.walk() if command is not tree]
    return _FRAME.format(
        names="\n".join(
            _NAMES.format(folder=folder, shipped=shlex.quote(" ".join(shipped(kind))), own=own_folder(kind))
            for kind, folder in FOLDERS.items()
        ),
        taking=" | ".join(f'"{name_of(command)} {flag}"' for command, option in taking(tree) for flag in option.flags),
        commands=" | ".join(f'"{name_of(command)}"' for command in below),
        values="\n".join(_case([f"{name_of(c)} {flag}" for flag in o.flags], _value(o)) for c, o in taking(tree)),
        options="\n".join(_case([name_of(command)], _words(_flags(command))) for command in tree.walk()),
        rest="\n".join(_case([name_of(command)], _rest(command)) for command in tree.walk()),
    )


def _case(patterns: list[str], action: str) -> str:
    return f"            {' | '.join(map(shlex.quote, patterns))}) {action} ;;"


def _flags(command: Command) -> list[str]:
    return [flag for option in command.options for flag in option.flags]


def _words(words: list[str] | tuple[str, ...]) -> str:
    return f'_catgem_words "$current" {shlex.quote(" ".join(words))}'


def _value(argument: Argument) -> str:
    if argument.kind in FOLDERS:
        return f'_catgem_{FOLDERS[argument.kind]} "$current"'
    if argument.kind == FILE:
        return '_catgem_files "$current"'
    return _words(argument.choices) if argument.choices else ":"


def _rest(command: Command) -> str:
    if command.commands:
        return _words([below.path[-1] for below in command.commands])
    return _value(command.positionals[0]) if command.positionals else ":"
