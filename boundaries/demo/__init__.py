"""Two demo districts: real Helsinki, and Bincheng with a synthetic town inside its real outline.

Both take data files from packages of the extra ``demo``; neither package is imported.
"""

from boundaries.demo.bincheng_district import bincheng
from boundaries.demo.packages import helsinki_path

__all__ = ["bincheng", "helsinki_path"]
