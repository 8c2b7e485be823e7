"""For zsh's own completion system: a function a command, with descriptions."""

from catgem_tui.commands.shells import FOLDERS, own_folder, shipped
from catgem_tui.commands.tree import FILE, Argument, Command

_FRAME = """\
#compdef catgem
# zsh completion for catgem, printed by: catgem completion zsh
# Into a folder of $fpath, named _catgem.

{names}
{functions}
if [[ $funcstack[1] == _catgem ]]; then
    _catgem "$@"
else
    compdef _catgem catgem
fi
"""
_NAMES = """\
_catgem_{folder}() {{
    local -a names=({shipped} "{own}"/*.toml(N:t:r))
    compadd -a names
    _files
}}
"""
_LEAF = """\
{name}() {{
    _arguments -S \\
        {specifications}
}}
"""
_BRANCH = """\
{name}() {{
    local curcontext=$curcontext state line
    local -A opt_args
    local -a commands=(
        {commands}
    )
    _arguments -C \\
        {specifications} \\
        '1: :->command' \\
        '*:: :->rest'
    case $state in
        command) _describe -t commands command commands ;;
        rest)
            case $line[1] in
                {cases}
            esac
            ;;
    esac
}}
"""


def write(tree: Command) -> str:
    return _FRAME.format(
        names="\n".join(
            _NAMES.format(folder=folder, shipped=" ".join(map(_quote, shipped(kind))), own=own_folder(kind))
            for kind, folder in FOLDERS.items()
        ),
        functions="\n".join(_function(command) for command in reversed(list(tree.walk()))),
    )


def _function(command: Command) -> str:
    specifications = [_specify(option) for option in command.options]
    if not command.commands:
        for place, argument in enumerate(command.positionals, start=1):
            where = "*" if argument.repeated else str(place)
            offered = _value(argument)
            if offered == " ":  # with something to say and nothing to offer, options would only be listed
                offered = "()"
            specifications.append(_quote(f"{where}:{_plain(argument.value)}:{offered}"))
        return _LEAF.format(name=_name(command), specifications=" \\\n        ".join(specifications))
    return _BRANCH.format(
        name=_name(command),
        commands="\n        ".join(_quote(f"{c.path[-1]}:{_plain(c.purpose)}") for c in command.commands),
        specifications=" \\\n        ".join(specifications),
        cases="\n                ".join(f"{c.path[-1]}) {_name(c)} ;;" for c in command.commands),
    )


def _specify(option: Argument) -> str:
    """As ``_arguments`` wants it: flags that exclude each other, the purpose, the value."""
    excluded = "*" if option.repeated else f"({' '.join(option.flags)})"
    equals = "=" if option.value else ""
    value = f":{_plain(option.value)}:{_value(option)}" if option.value else ""
    return " ".join(
        _quote(f"{excluded}{flag}{equals if flag.startswith('--') else ''}[{_plain(option.purpose)}]{value}")
        for flag in option.flags
    )


def _value(argument: Argument) -> str:
    if argument.kind in FOLDERS:
        return f"_catgem_{FOLDERS[argument.kind]}"
    if argument.kind == FILE:
        return "_files"
    return f"({' '.join(argument.choices)})" if argument.choices else " "


def _plain(text: str) -> str:
    for sign in "\\[]:":
        text = text.replace(sign, f"\\{sign}")
    return text


def _quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _name(command: Command) -> str:
    return "_" + "_".join(command.path)
