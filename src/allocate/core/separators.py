"""Why a lot is not connected: sets of cells without which it cannot be."""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx


def pieces(graph: nx.Graph[int], cells: Iterable[int]) -> list[set[int]]:
    """Connected pieces of some cells."""
    return list(nx.connected_components(graph.subgraph(cells)))


def separator(graph: nx.Graph[int], piece: set[int], cell: int) -> list[int]:
    """Cells beside a connected piece without which no way leads from it to a cell, none too many.

    Those beside the piece that are reached from the cell without crossing any of them (E. Oehrlein
    & J.-H. Haunert, Journal of Spatial Information Science 15, 2017).
    """
    border = {other for each in piece for other in graph[each]} - piece
    seen, front = {cell}, [cell]
    met: set[int] = set()
    while front:
        for other in graph[front.pop()]:
            if other in border:
                met.add(other)
            elif other not in seen and other not in piece:
                seen.add(other)
                front.append(other)
    return sorted(met)
