"""Nothing to patch: self.client and time.sleep park users by themselves."""


def patch_all(*_args, **_kwargs):
    return True


patch_socket = patch_ssl = patch_time = patch_thread = patch_select = patch_all


def is_module_patched(_name):
    return True
