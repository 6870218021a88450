"""Open a QGIS project: every layer valid, with a renderer and field aliases. report_qgis.py PROJECT"""
import os
import sys

from qgis.core import QgsApplication, QgsMapRendererSequentialJob, QgsMapSettings, QgsProject
from qgis.PyQt.QtCore import QSize

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
# The tree finds its layers, and each of them draws something.
nodes = project.layerTreeRoot().findLayers()
good = good and len(nodes) == len(project.mapLayers())
for node in nodes:
    if node.layer() is None:
        print("not ok: the tree knows no layer", node.layerId())
        good = False
        continue
    settings = QgsMapSettings()
    settings.setLayers([node.layer()])
    settings.setDestinationCrs(project.crs())
    settings.setOutputSize(QSize(300, 300))
    settings.setExtent(node.layer().extent())
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    colours = {image.pixel(x, y) for x in range(0, 300, 2) for y in range(0, 300, 2)}
    if len(colours) < 3 or job.errors():
        print("not ok: nothing is drawn of", node.name(), len(colours))
        good = False
sys.stdout.flush()
os._exit(0 if good else 1)  # QGIS's own clean-up crashes without a display
