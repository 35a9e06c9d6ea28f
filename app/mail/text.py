"""The plain-text part of a mail: tags are filled, and not one other character changes.

Links in it are never rewritten, because readers see them (domain.md §6).
"""

from app.mail.tags import NO_MERGE, PREFERENCES, UNSUBSCRIBE, Merge, fill, tags_in


def stamp_text(text: str, *, preferences_url: str, unsubscribe_url: str, merge: Merge = NO_MERGE) -> str:
    """The text for one recipient: ways out filled with our URLs, merge tags with their plain values.

    A recipient's `merge` cannot replace the ways out.
    """
    return fill(text, {**merge, PREFERENCES: preferences_url, UNSUBSCRIBE: unsubscribe_url})


def text_has_way_out(text: str) -> bool:
    """Whether the sender put {{preferences_url}} into the plain-text part."""
    return any(tag.name == PREFERENCES for tag in tags_in(text))
