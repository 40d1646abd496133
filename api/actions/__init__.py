"""One async function per intention: read, decide, write, answer. First argument `tx`; knows nothing of the web."""
