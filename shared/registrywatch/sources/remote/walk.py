"""Lists a tree of objects, many folders at once, without what can't hold what is asked for."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import msgspec

from registrywatch.errors import UnreadableInput
from registrywatch.sources.remote.kind import Wanted
from registrywatch.sources.remote.layout import may_hold

_AT_ONCE = 16  # listings


class Listed(msgspec.Struct, frozen=True):
    """An object: its name, its size in bytes, and what changes when it changes."""

    name: str
    size: int
    version: str = ""


class Level(msgspec.Struct):
    """What a folder holds: objects, and names of folders (with a slash) yet to be listed."""

    objects: list[Listed] = []
    folders: list[str] = []


ListLevel = Callable[[str], Level]
"""Lists one folder, or a range of what is below it. Raises UnreadableInput."""


class Tree(msgspec.Struct):
    """All objects that can hold what is asked for, and why a part could not be listed."""

    objects: list[Listed] = []
    problems: list[str] = []


def tree(root: str, list_level: ListLevel, wanted: Wanted) -> Tree:
    """Walk the tree from `root`. What can't be listed is a problem, the rest is kept."""
    found = Tree()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        running: set[Future[Level]] = {pool.submit(list_level, root)}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                try:
                    level = future.result()
                except (UnreadableInput, OSError) as error:
                    if str(error) not in found.problems:
                        found.problems.append(str(error))
                    continue
                found.objects += [each for each in level.objects if may_hold(each.name, wanted)]
                folders = [each for each in level.folders if may_hold(each, wanted)]
                running |= {pool.submit(list_level, folder) for folder in folders}
    return found


def non_empty(objects: Iterator[Listed]) -> Iterator[Listed]:
    """Those that hold anything: consoles write empty objects for folders."""
    return (each for each in objects if each.size and not each.name.endswith("/"))
