"""Which nodes are evaluated once and stored; the others are evaluated anew wherever they are used."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod

from .graph import REGISTERS, SMALL, Buffer, Elements, Generic, Node, Pieces, Sequential, Splat, View
from .reductions import UNROLLED

CHEAP = 5  # price up to which an element is computed again for each of a row's
ONE_BY_ONE = 16  # how much more it is to compute elements one by one than in vectors
DEEPEST = 40  # chain of nodes that are evaluated together, which recurses
PACKED = 128  # times that elements of a slice are read from which on a copy without gaps is faster to read
MODERATE = 20  # price up to which an element is computed again in another loop nest


def plan(nodes: Sequence[Node], sinks: Iterable[Node], results: Iterable[Node], stored: set[str]) -> None:
    """Set price, is_heavy and is_stored of the nodes of a block, which are in the order of the program.

    `sinks` are used by loops and branches, `results` at the end of the block. `stored` are keys of nodes that turned
    out to need it.
    """
    uses = _uses(nodes)
    for result in results:
        uses.setdefault(result, []).append((result, 1))
    wanted = set(sinks)
    for node in nodes:
        _price(node)
        if node.home is None and not isinstance(node, Splat):
            node.is_stored = node.key in stored or _is_worth_storing(node, uses.get(node, []), node in wanted)


def _uses(nodes: Sequence[Node]) -> dict[Node, list[tuple[Node, int]]]:
    """By node: who uses it, and how often each element of it for one of theirs."""
    uses: dict[Node, list[tuple[Node, int]]] = {}

    def add(node: Node, user: Node, times: int) -> None:
        uses.setdefault(node, []).append((user, times))
        if isinstance(node, View) and node.home is None:
            add(node.source, user, times)

    for node in nodes:
        if isinstance(node, (Pieces, Sequential)):
            for source in node.sources():
                add(source, node, ONE_BY_ONE if isinstance(node, Sequential) and node.one_by_one else 1)
        if isinstance(node, Generic):
            op = node.op
            if node.place:
                continue
            for i, (x, map) in enumerate(zip(op.inputs, op.maps, strict=False)):
                if i in op.body.used:
                    own = {d for _, terms in map for d, _ in terms}
                    times = prod(extent for d, extent in enumerate(op.extents) if d not in own and extent > SMALL)
                    add(x, node, times)
            for init in op.inits:
                add(init, node, 1)
            for x in op.captured:
                add(x, node, ONE_BY_ONE)
    return uses


def _price(node: Node) -> None:
    inside = [x for x in node.sources() if not x.is_stored and x.home is None]
    price = sum(x.price for x in inside)
    heavy = any(x.is_heavy for x in inside)
    node.depth = 1 + max((x.depth for x in inside), default=0)
    if isinstance(node, Generic):
        node.price = (node.op.body.price + price) * node.op.length
        node.is_heavy = heavy or node.op.length > UNROLLED
    else:
        node.price, node.is_heavy = price, heavy


def _is_worth_storing(node: Node, uses: Sequence[tuple[Node, int]], is_sink: bool) -> bool:
    if is_sink and not isinstance(node, Elements):
        return True
    if isinstance(node, Sequential):
        return True
    if isinstance(node, Pieces) and (node.size <= REGISTERS or not _is_chosen(node)):
        return node.size > REGISTERS
    times = max((times for _, times in uses), default=1)
    if isinstance(node, View):
        return times >= PACKED and _is_apart(node)
    if isinstance(node, Elements):
        return False
    if node.depth > DEEPEST:
        return True
    if node.is_heavy and (len(uses) > 1 or times > 1 or any(_is_total(user) for user, _ in uses)):
        return True
    if node.price > CHEAP and times > 1:
        return True
    if node.price > MODERATE and len({user.shape for user, _ in uses}) > 1:
        return True
    return isinstance(node, Generic) and len(node.op.results) > 1 and bool(node.op.reductions)


def _is_chosen(node: Pieces) -> bool:
    """Whether nothing but pieces in known places of dimensions that are unrolled is joined."""
    return isinstance(node.base, Splat) and all(
        isinstance(start, int) and (whole <= SMALL or (start == 0 and size == whole))
        for piece in node.pieces
        for start, size, whole in zip(piece.starts, piece.sizes, piece.whole, strict=True)
    )


def _is_total(user: Node) -> bool:
    """Whether a node adds up much to few numbers: only what it reads has dimensions for vectors to go along."""
    return isinstance(user, Generic) and user.op.length > SMALL and user.size <= SMALL


def _is_apart(view: View) -> bool:
    """Whether a view of memory has rows with gaps between them."""
    home = view.source.home
    return isinstance(home, Buffer) and len(view.shape) > 1 and view.shape[-1] < home.shape[-1]
