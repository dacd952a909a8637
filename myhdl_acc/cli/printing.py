"""Texts on standard output as they come."""

import click


def print_text(parts):
    """Print ``parts`` one after the other, and a line's end."""
    for part in parts:
        click.echo(part, nl=False)
    click.echo()
