"""`enlace export`: the directory as HSDS 3.1 with our profile, into a folder, a file, or standard output. (R-42)

Exit codes: 0 done; 2 it cannot be written; 69 no engine; 70 the engine failed; 130 interrupted.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from api.actions import directory_export
from api.actions.directory_export import Frame, Page
from api.cli.conversation import Conversation, of
from graph.exchange.files import JsonList, write_adjacency, write_areas
from graph.exchange.hsds_write import area_row
from graph.store.network import Network


def export(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.json|DIR", help="si no, a la salida / else to standard output")
    ] = None,
) -> None:
    """Export the directory as HSDS 3.1. / Exporta el directorio como HSDS 3.1."""
    talk = of(context)
    folder = out is not None and (out.is_dir() or out.suffix.lower() != ".json")
    if out is not None and out.exists() and not folder and not out.is_file():
        talk.stop("export.exists", path=out)

    async def work(network: Network) -> tuple[int, int]:
        if out is None:
            return await to_stream(network, sys.stdout)
        return await (to_folder if folder else to_file)(network, out)

    talk.note("export.stage")
    try:
        if out is not None:
            (out if folder else out.parent).mkdir(parents=True, exist_ok=True)
        services, organizations = talk.with_network(work)
    except BrokenPipeError:
        raise typer.Exit(0) from None  # whoever read the stream has seen enough
    except OSError as error:
        talk.stop("export.cannot-write", path=out, reason=error.strerror or "")
    if out is not None:
        _done(talk, out, services, organizations)


def _done(talk: Conversation, out: Path, services: int, organizations: int) -> None:
    talk.note("export.done", path=out, services=services, organizations=organizations)


async def to_folder(network: Network, folder: Path) -> tuple[int, int]:
    """The files that an import reads, one per kind; each is put in place when it is whole."""
    found = await network.read(directory_export.frame, deadline=60)
    with _Whole(folder / "areas.csv") as out:
        write_areas(out, found.areas)
    with _Whole(folder / "area-adjacency.csv") as out:
        write_adjacency(out, found.adjacency)
    with _Whole(folder / "organizations.json") as out:
        organizations = await _list(network, directory_export.organizations, out)
    with _Whole(folder / "services.json") as out:
        services = await _list(network, directory_export.services, out)
    for name, rows in (("mechanisms.json", found.mechanisms), ("suspensions.json", found.suspensions)):
        with _Whole(folder / name) as out:
            _rows(out, rows)
    return services, organizations


async def to_file(network: Network, path: Path) -> tuple[int, int]:
    """Everything in one file: an HSDS page of services, with the other kinds beside them."""
    with _Whole(path) as out:
        return await to_stream(network, out)


async def to_stream(network: Network, out: IO[str]) -> tuple[int, int]:
    """Everything as one page. The lists come first, so that the page can say at its end how long they are."""
    found: Frame = await network.read(directory_export.frame, deadline=60)
    out.write('{\n"areas": ')
    _rows(out, [area_row(area) for area in found.areas])
    out.write(',\n"area_adjacency": ')
    _rows(out, [{"code": one, "adjacent": other} for one, other in found.adjacency])
    out.write(',\n"organizations": ')
    organizations = await _list(network, directory_export.organizations, out)
    out.write(',\n"mechanisms": ')
    _rows(out, found.mechanisms)
    out.write(',\n"suspensions": ')
    _rows(out, found.suspensions)
    out.write(',\n"contents": ')
    services = await _list(network, directory_export.services, out)
    page = {
        "total_items": services,
        "total_pages": 1,
        "page_number": 1,
        "size": services,
        "first_page": True,
        "last_page": True,
        "empty": services == 0,
    }
    out.write(",\n" + json.dumps(page).strip("{}") + "\n}\n")
    return services, organizations


async def _list(network: Network, pages: Callable[..., Awaitable[Page]], out: IO[str]) -> int:
    rows = JsonList(out)
    after: str | None = ""
    while after is not None:
        page: Page = await network.read(pages, after=after, deadline=60)
        for document in page.documents:
            rows.put(document)
        after = page.after
    rows.close()
    return rows.count


def _rows(out: IO[str], documents: list[dict[str, Any]]) -> None:
    rows = JsonList(out)
    for document in documents:
        rows.put(document)
    rows.close()


class _Whole:
    """A file that appears under its name when it is complete, and not at all when writing it failed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.scratch = path.with_name(f".{path.name}.{os.getpid()}")

    def __enter__(self) -> IO[str]:
        self.out = self.scratch.open("w", encoding="utf-8", newline="\n")
        return self.out

    def __exit__(self, kind: object, *_: object) -> None:
        self.out.close()
        if kind is None:
            self.scratch.replace(self.path)
        else:
            self.scratch.unlink(missing_ok=True)
