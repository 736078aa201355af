"""A training project: data, network, task, and the commands train, evaluate and predict."""
