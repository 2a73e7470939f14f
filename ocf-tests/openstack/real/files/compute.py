"""nova-compute with a driver from this folder."""
import os
import sys

from nova.cmd import compute  # first: it patches the standard library
import nova.virt

nova.virt.__path__.append(os.path.dirname(os.path.abspath(__file__)))
sys.argv[0] = 'nova-compute'
sys.exit(compute.main())
