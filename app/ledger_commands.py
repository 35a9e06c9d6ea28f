"""What `assent ledger` and `assent purge` do, apart from the words of the command line, which `cli` has."""

import json

import click

from app.actions.anchor import accounts_to_anchor, anchor_account
from app.actions.purge import purge_all
from app.commands import with_instance, with_owner
from app.disclosure.ledger_proof import FlawView, Proof, all_accounts, prove_account
from app.domain.retention import DataKind
from app.instance import Instance
from app.settings import Settings


def verify_ledger(settings: Settings, account_id: int | None, *, as_json: bool) -> bool:
    """Proves one account or all of them, and says what was found as it is found; True where all is whole."""

    def tell(flaw: FlawView) -> None:
        click.echo(json.dumps(_as_json(flaw)) if as_json else flaw.sentence)

    async def prove(instance: Instance) -> list[Proof]:
        wanted = await all_accounts(instance) if account_id is None else [account_id]
        return [await prove_account(instance, settings.data, each, tell) for each in wanted]

    proofs = with_instance(settings, prove)
    for sentence in dict.fromkeys(warning for proof in proofs for warning in proof.warnings):
        click.echo(f"Warning: {sentence}", err=True)
    _conclude(proofs, as_json=as_json)
    return not any(proof.flaws for proof in proofs)


def _conclude(proofs: list[Proof], *, as_json: bool) -> None:
    lines, subscribers, flaws = (
        sum(getattr(proof, name) for proof in proofs) for name in ("lines", "subscribers", "flaws")
    )
    if as_json:
        whole = {"whole": not flaws, "lines": lines, "subscribers": subscribers, "findings": flaws}
        click.echo(json.dumps(whole))
    elif flaws:
        click.echo(
            f"The ledger is not whole: {flaws} findings in {lines} lines of {subscribers} subscribers."
        )
    else:
        click.echo(f"The ledger is whole: {lines} lines of {subscribers} subscribers.")


def _as_json(flaw: FlawView) -> dict[str, object]:
    return {
        "account": flaw.account_id,
        "kind": flaw.kind.value,
        "subscriber": None if flaw.subscriber_id is None else str(flaw.subscriber_id),
        "number": flaw.number,
        "through": flaw.through,
    }


def anchor_ledger(settings: Settings, account_id: int | None) -> list[dict[str, object]]:
    """Anchors one account or all of them. Raises `NotFound` and `Conflict`."""

    async def make(instance: Instance) -> list[dict[str, object]]:
        wanted = await accounts_to_anchor(instance) if account_id is None else [account_id]
        made = [await anchor_account(instance, settings.data, each) for each in wanted]
        return [
            {
                "account": each.account,
                "number": each.number,
                "subscribers": each.subscribers,
                "lines": each.lines,
            }
            for each in made
        ]

    return with_instance(settings, make)


def purge_accounts(settings: Settings) -> dict[str, object]:
    """Purges all accounts; returns how many rows of each kind went, and which months of events went whole."""

    async def purge(instance: Instance, owner_dsn: str) -> dict[str, object]:
        purged = await purge_all(instance, owner_dsn)
        rows = {kind.value: purged.rows[kind] for kind in DataKind}
        return {**rows, "addresses": purged.addresses, "partitions": purged.partitions}

    return with_owner(settings, purge)
