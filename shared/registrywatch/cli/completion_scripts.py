"""Completion scripts: what bash, zsh and fish need to know of the commands."""

from collections.abc import Callable, Iterable

import msgspec


class Option(msgspec.Struct, frozen=True):
    """An option; `words` are its values, None if it takes none, empty if they are not known."""

    names: tuple[str, ...]
    meaning: str
    words: tuple[str, ...] | None


class Command(msgspec.Struct, frozen=True):
    """A command, its options, and the words or files that may follow."""

    name: str
    meaning: str
    options: tuple[Option, ...]
    words: tuple[str, ...]
    files: bool


def _bash(commands: Iterable[Command]) -> str:
    cases = []
    for command in commands:
        options = [name for option in command.options for name in option.names]
        values = [
            f"            {'|'.join(option.names)}) words='{' '.join(option.words)}' "
            f"files={int(not option.words)} ;;"
            for option in command.options
            if option.words is not None
        ]
        cases += [
            f"    {command.name})",
            f"        words='{' '.join([*options, *command.words])}' files={int(command.files)}",
            *(['        case "$before" in', *values, "        esac"] if values else []),
            "        ;;",
        ]
    names = " ".join(command.name for command in commands)
    return "\n".join(
        [
            "_registrywatch() {",
            '    local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}"',
            "    local words files=0",
            '    if [ "$COMP_CWORD" -eq 1 ]; then',
            f"        words='{names} --help --version'",
            "    else",
            '    case "${COMP_WORDS[1]}" in',
            *cases,
            "    esac",
            "    fi",
            '    COMPREPLY=($(compgen -W "$words" -- "$word"))',
            '    [ "$files" -eq 1 ] && COMPREPLY+=($(compgen -f -- "$word"))',
            "    return 0",
            "}",
            "complete -o filenames -F _registrywatch registrywatch",
        ]
    )


def _zsh(commands: Iterable[Command]) -> str:
    listed = list(commands)
    cases = []
    for command in listed:
        specs = [
            f"'{name}[{option.meaning}]{_zsh_value(option)}'"
            for option in command.options
            for name in option.names
        ]
        if command.words:
            specs.append(f"'*:argument:({' '.join(command.words)})'")
        elif command.files:
            specs.append("'*:path:_files'")
        cases.append(f"        {command.name}) _arguments {' '.join(specs)} ;;")
    return "\n".join(
        [
            "#compdef registrywatch",
            "_registrywatch() {",
            "    local -a commands=(",
            *(f"        '{command.name}:{command.meaning}'" for command in listed),
            "    )",
            "    if (( CURRENT == 2 )); then",
            "        _describe command commands",
            "        return",
            "    fi",
            "    local command=$words[2]",
            "    shift words",
            "    (( CURRENT-- ))",
            "    case $command in",
            *cases,
            "    esac",
            "}",
            '_registrywatch "$@"',
        ]
    )


def _zsh_value(option: Option) -> str:
    if option.words is None:
        return ""
    return f":value:({' '.join(option.words)})" if option.words else ":value:_files"


def _fish(commands: Iterable[Command]) -> str:
    lines = ["complete -c registrywatch -f"]
    for command in commands:
        lines.append(
            f"complete -c registrywatch -n __fish_use_subcommand -a {command.name} "
            f"-d '{command.meaning}'"
        )
        start = f"complete -c registrywatch -n '__fish_seen_subcommand_from {command.name}'"
        if command.files:
            lines.append(f"{start} -F")
        if command.words:
            lines.append(f"{start} -a '{' '.join(command.words)}'")
        for option in command.options:
            names = " ".join(
                f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"
                for name in option.names
            )
            value = "" if option.words is None else " -r -F"
            if option.words:
                value = f" -x -a '{' '.join(option.words)}'"
            lines.append(f"{start} {names}{value} -d '{option.meaning}'")
    return "\n".join(lines)


SCRIPTS: dict[str, Callable[[Iterable[Command]], str]] = {
    "bash": _bash,
    "fish": _fish,
    "zsh": _zsh,
}
