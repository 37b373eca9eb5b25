"""As many workers as one master has to hold: 5,000, with a million users."""

import resource
import unittest

import test_master_scale


class MostWorkers(test_master_scale.MasterScaleTest):
    def test_71_five_thousand_workers(self):
        if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 6_000:
            self.skipTest("needs a hard limit of 6,000 open files")
        self.hold(5_000, deadline=120)


if __name__ == "__main__":
    unittest.main()
