"""What the files of exports have in common: whose eyes they are made with, and how they begin."""

from collections.abc import Iterable

from app.disclosure.reader import PERSONAL, Reader
from app.domain.csv_cells import BYTE_ORDER_MARK, line
from app.domain.exports import SCOPES, ExportOrder
from app.domain.principal import Principal
from app.instance import Instance


def eyes_of(instance: Instance, order: ExportOrder) -> Reader:
    """The reader whom an export is made for: one who may have this kind of it, and sees what they saw when they asked."""
    scopes = SCOPES[order.wanted.kind] | ({PERSONAL} if order.sees_people else set())
    return Reader(instance, Principal(order.account_id, 0, order.user_id, scopes))


def beginning(order: ExportOrder, columns: Iterable[str]) -> bytes:
    """The first line, behind a byte order mark where one was asked for."""
    return (BYTE_ORDER_MARK if order.wanted.byte_order_mark else b"") + line(columns)
