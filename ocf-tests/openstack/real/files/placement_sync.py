import sys

from placement.cmd.manage import main

sys.argv = ['placement-manage', '--config-file', sys.argv[1], 'db', 'sync']
main()
