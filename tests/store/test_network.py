"""The read and the write wrapper, on every engine."""

from __future__ import annotations

from graph.store.network import Network, Tx


async def test_an_answer_comes_back(network: Network) -> None:
    async def one(tx: Tx) -> int:
        return int((await (await tx.run("RETURN 1 AS one")).single(strict=True))["one"])

    assert await network.read(one) == 1
