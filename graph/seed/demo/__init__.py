"""The demo network: fictional organisations on real municipalities. Nothing here names a real person or organisation.

What is offered is written in the `*.yaml` files, place by place; `build` makes models of it, `sops` their rules.
"""
