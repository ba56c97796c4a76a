def ask(assistant, messages, deadline, most):
    raise NotImplementedError
