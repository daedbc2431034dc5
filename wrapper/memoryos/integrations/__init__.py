"""Memory OS as the long-term memory of agent frameworks.

One module a framework; each needs the extra of the same name, and imports nothing before it is
imported itself. Every one takes a scope, which keeps the users of an application apart: without a
scope, nothing is stored and nothing is recalled.

While the service can't be reached, agents go on without their memories: the logger
`memoryos.integrations` has a warning for each call that failed.
"""
