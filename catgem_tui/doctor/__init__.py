"""What ``catgem doctor`` examines on a machine: a module each part, all of them findings with a remedy."""
