"""The state of one person at work: reducers, effects and the runtime that performs them."""
