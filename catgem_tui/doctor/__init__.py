"""``catgem doctor``: looks at one part of this machine and says in a sentence whether it will do, and if not, why."""
