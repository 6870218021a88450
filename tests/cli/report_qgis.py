"""Open a QGIS project: every layer valid, with a renderer and field aliases. report_qgis.py PROJECT"""
import os
import sys

from qgis.core import QgsApplication, QgsProject

QgsApplication.setPrefixPath("/usr", True)
application = QgsApplication([], False)
application.initQgis()
project = QgsProject.instance()
good = project.read(sys.argv[1]) and len(project.mapLayers()) > 0
if not project.crs().isValid():
    print("not ok: the project has no CRS")
    good = False
for layer in project.mapLayers().values():
    fine = layer.isValid() and layer.featureCount() > 0 and layer.crs() == project.crs() and layer.renderer() is not None
    if not fine:
        print("not ok:", layer.name(), layer.isValid(), layer.crs().authid())
    good = good and fine
styled = [layer for layer in project.mapLayers().values() if layer.isValid() and layer.renderer().type() == "graduatedSymbol"]
good = good and len(styled) >= 2
sys.stdout.flush()
os._exit(0 if good else 1)  # QGIS's own clean-up crashes without a display
