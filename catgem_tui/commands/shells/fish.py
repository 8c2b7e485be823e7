"""For fish 3 and newer, with descriptions."""

from catgem_tui.commands.shells import FOLDERS, name_of, own_folder, shipped, taking
from catgem_tui.commands.tree import FILE, Argument, Command

_FRAME = """\
# fish completion for catgem, printed by: catgem completion fish
# Into ~/.config/fish/completions/catgem.fish

function __catgem_at -a wanted
    set -l command catgem
    set -l skip
    for word in (commandline -opc)[2..-1]
        if set -q skip[1]
            set -e skip[1]
            continue
        end
        switch "$command $word"
            case {taking}
                set skip yes
            case {commands}
                set command "$command $word"
        end
    end
    test "$command" = "$wanted"
end

{names}
complete -c catgem -f
{lines}
"""
_NAMES = """\
function __catgem_{folder}
    printf '%s\\n' {shipped}
    for file in {own}/*.toml
        basename $file .toml
    end
end
"""


def write(tree: Command) -> str:
    below = [command for command in tree.walk() if command is not tree]
    lines = []
    for command in tree.walk():
        lines += [_complete(command, f"-a {_quote(c.path[-1])} -d {_quote(c.purpose)}") for c in command.commands]
        lines += [_complete(command, f"{_flags(o)} -d {_quote(o.purpose)}") for o in command.options]
        if not command.commands and command.positionals:
            lines += [_complete(command, value) for value in [_value(command.positionals[0])] if value]
    return _FRAME.format(
        taking=" ".join(_quote(f"{name_of(c)} {flag}") for c, option in taking(tree) for flag in option.flags),
        commands=" ".join(_quote(name_of(command)) for command in below),
        names="\n".join(
            _NAMES.format(folder=folder, shipped=" ".join(map(_quote, shipped(kind))), own=_expand(own_folder(kind)))
            for kind, folder in FOLDERS.items()
        ),
        lines="\n".join(lines),
    )


def _complete(command: Command, what: str) -> str:
    return f"complete -c catgem -n {_quote(f'__catgem_at {_quote(name_of(command))}')} {what}"


def _flags(option: Argument) -> str:
    flags = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags)
    return f"{flags} {_value(option) or '-x'}" if option.value else flags


def _value(argument: Argument) -> str:
    if argument.kind in FOLDERS:
        return f"-r -F -a '(__catgem_{FOLDERS[argument.kind]})'"
    if argument.kind == FILE:
        return "-r -F" if argument.flags else "-F"
    return f"-x -a {_quote(' '.join(argument.choices))}" if argument.choices else ""


def _expand(folder: str) -> str:
    """fish has no ${NAME:-…}."""
    if folder.startswith("${"):
        rest = folder.partition("}")[2]
        return f"(set -q XDG_CONFIG_HOME; and echo $XDG_CONFIG_HOME; or echo $HOME/.config){rest}"
    return f'"{folder}"'


def _quote(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
