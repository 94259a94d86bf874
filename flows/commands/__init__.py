"""The commands of `minaoshi` by subject; each module has a `typer.Typer` named `commands` that `flows.cli` takes up."""
