#include "io/fields_words.h"

/* Folded: lower case, half width, without spaces, "_" and "-". */
const wg_role_word wg_role_words[WG_N_ROLES] = {
    [WG_ROLE_ID] =
        {"id",
         "id\0编号\0序号\0fid\0objectid\0gid\0uid\0uuid\0featureid\0ogcfid\0osmid\0唯一标识\0标识\0主键\0标识码\0要素id"
         "\0流水号\0事件编号\0"
         "案件编号\0工单编号\0楼栋编号\0楼栋id\0buildingid\0bldid\0bldgid\0incidentid\0caseid\0eventid\0人员编号\0"},
    [WG_ROLE_CODE] =
        {"code",
         "code\0编码\0代码\0行政区划代码\0区划代码\0社区编码\0社区代码\0网格编码\0网格代码\0communitycode\0admincode\0a"
         "dcode\0"
         "cellcode\0gridcode\0zonecode\0zoningcode\0bm\0dm\0qhdm\0sqbm\0sqdm\0wgbm\0xzqdm\0xzqhdm\0geocode\0geoid\0"
         "统计用区划代码\0区域编码\0区划编码\0村居编码\0楼栋编码\0buildingcode\0街道编码\0街道代码\0streetcode\0编号\0"
         "网格编号\0社区编号\0cell\0id\0gid\0"},
    [WG_ROLE_NAME] = {"name", "name\0名称\0社区名称\0社区名\0网格名称\0网格名\0communityname\0cellname\0gridname\0mc\0s"
                              "qmc\0wgmc\0xzqmc\0zhname\0"
                              "namezh\0label\0title\0标题\0小区名称\0小区名\0楼栋名称\0楼名\0buildingname\0姓名\0namecn"
                              "\0cname\0街道名称\0村名\0村居名称\0区域名称\0"},
    [WG_ROLE_HOUSEHOLDS] =
        {"households",
         "households\0户数\0household\0hh\0hhcnt\0hhcount\0hhs\0hhnum\0numhh\0nhh\0hu\0hushu\0总户数\0住户数\0"
         "居民户数\0户籍户数\0家庭户数\0家庭户\0常住户数\0householdcount\0numhouseholds\0dwellings\0flats\0"
         "住宅套数\0套数\0入住户数\0实有户数\0居住户数\0units\0hs\0zhs\0"},
    [WG_ROLE_POPULATION] =
        {"population",
         "population\0人口\0人口数\0总人口\0人数\0pop\0people\0persons\0popcnt\0popcount\0poptotal\0totpop\0"
         "totalpopulation\0residents\0实有人口\0常住人口\0居住人口\0总人数\0人口总数\0居民数\0居民人数\0rk\0rks\0"
         "zrk\0renkou\0实有人口数\0常住人口数\0"},
    [WG_ROLE_REGISTERED] =
        {"registered",
         "registered\0户籍人口\0户籍人数\0户籍人口数\0户籍\0regpop\0registeredpopulation\0hukou\0hukoupop\0"
         "hjrk\0popreg\0户籍居民\0常住户籍人口\0reg\0"},
    [WG_ROLE_FLOATING] = {"floating",
                          "floating\0流动人口\0流动人口数\0流动人数\0外来人口\0外来人口数\0非户籍人口\0暂住人口\0流动\0"
                          "floatpop\0floating"
                          "population\0migrants\0migrantpopulation\0ldrk\0popfloat\0来沪人员\0非户籍\0外来人员\0flo\0"},
    [WG_ROLE_FLOORS] = {"floors", "floors\0层数\0楼层数\0楼层\0总层数\0地上层数\0建筑层数\0房屋层数\0floor\0storeys\0st"
                                  "ories\0levels\0numfloors\0nfloors\0"
                                  "buildinglevels\0building:levels\0cs\0dscs\0floorcount\0storey\0房屋层\0"},
    [WG_ROLE_HEIGHT] = {"height", "height\0高度\0建筑高度\0楼高\0bldheight\0hgt\0gd\0jzgd\0"},
    [WG_ROLE_AREA] =
        {"area", "area\0aream2\0面积\0建筑面积\0占地面积\0基底面积\0shapearea\0mj\0jzmj\0floorarea\0bldarea\0sqm\0"},
    [WG_ROLE_STAIRS] = {"stairs", "stairs\0单元数\0单元个数\0staircases\0entrances\0dys\0nstairs\0楼门数\0"},
    [WG_ROLE_USE] = {"use", "use\0用途\0房屋用途\0建筑用途\0使用性质\0房屋性质\0房屋类型\0建筑类型\0楼栋类型\0usage\0bu"
                            "ildingtype\0bldtype\0"
                            "buildinguse\0landuse\0function\0yt\0fwyt\0jzyt\0性质\0building\0"},
    [WG_ROLE_KIND] = {"kind", "kind\0种类\0类别\0要素类型\0type\0类型\0feattype\0网格类型\0lx\0lb\0"},
    [WG_ROLE_CLASS] = {"class", "class\0等级\0道路等级\0道路类型\0道路级别\0fclass\0roadclass\0highway\0railway\0waterw"
                                "ay\0grade\0级别\0dldj\0dj\0"
                                "道路类别\0类\0"},
    [WG_ROLE_RANK] = {"rank", "rank\0排序\0优先级\0priority\0序\0"},
    [WG_ROLE_HARD] = {"hard", "hard\0不可跨越\0硬边界\0阻隔\0impassable\0"},
    [WG_ROLE_COMMUNITY] =
        {"community",
         "community\0社区\0所属社区\0所在社区\0社区村\0村居\0村社区\0居委会\0村委会\0village\0communityid\0sssq\0sq\0"
         "comm\0neighbourhood\0neighborhood\0所属村居\0"},
    [WG_ROLE_STREET] =
        {"street",
         "street\0街道\0所属街道\0街道乡镇\0乡镇\0乡镇街道\0镇街\0township\0subdistrict\0town\0jd\0ssjd\0所属镇街\0"},
    [WG_ROLE_DISTRICT] = {"district", "district\0区县\0所属区县\0区\0县\0county\0qx\0行政区\0县区\0县市区\0"},
    [WG_ROLE_GROUP] = {"group", "group\0grp\0片组\0片区\0所属片组\0片\0pz\0小组\0片组名称\0"},
    [WG_ROLE_CELL] = {"cell", "cell\0网格\0所属网格\0网格号\0网格编号\0grid\0cellid\0gridid\0wg\0sswg\0所在网格\0责任网"
                              "格\0gridno\0wgbh\0zone\0"},
    [WG_ROLE_BUILDING] = {"building", "buildingref\0buildingid\0楼栋id\0楼栋编号\0所属楼栋\0楼栋\0楼栋号\0楼号\0栋号\0"
                                      "幢号\0bldg\0bld\0ld\0ldh\0buildingno\0building\0楼栋编码\0"},
    [WG_ROLE_ADDRESS] = {"address", "address\0地址\0详细地址\0住址\0门牌\0门牌号\0addr\0location\0发生地址\0事发地址\0"
                                    "事发地点\0地点\0位置\0dz\0xxdz\0"
                                    "标准地址\0房屋地址\0楼栋地址\0addrfull\0fulladdress\0居住地址\0坐落\0房屋坐落\0"},
    [WG_ROLE_COUNT] = {"count", "cells\0网格数\0网格数量\0划分网格数\0ncells\0gridcount\0cellcount\0wgs\0"},
    [WG_ROLE_OPENED] = {"opened", "opened\0上报时间\0发生时间\0受理时间\0立案时间\0事发时间\0opendate\0openedat\0create"
                                  "d\0createdat\0createtime\0reported\0"
                                  "reportedat\0reporttime\0starttime\0创建时间\0发现时间\0采集时间\0登记时间\0上报日期"
                                  "\0受理日期\0发生日期\0立案日期\0sbsj\0fssj\0"
                                  "opentime\0datereported\0occurred\0"},
    [WG_ROLE_DUE] = {"due", "due\0截止时间\0办理时限\0应结时间\0到期时间\0处置时限\0deadline\0duedate\0dueat\0duetime\0"
                            "截止日期\0办结时限\0应办结时间\0限时\0jzsj\0"},
    [WG_ROLE_CLOSED] = {"closed", "closed\0结案时间\0办结时间\0完成时间\0关闭时间\0closedat\0closedate\0closetime\0reso"
                                  "lved\0resolvedat\0finished\0"
                                  "endtime\0结案日期\0办结日期\0完成日期\0jasj\0bjsj\0completed\0completedat\0"},
    [WG_ROLE_HANDLED] = {"handled",
                         "handled\0处置时间\0处理时间\0handledat\0handletime\0处置完成时间\0处置日期\0czsj\0clsj\0"},
    [WG_ROLE_TIME] = {"time", "time\0时间\0日期\0date\0datetime\0timestamp\0走访时间\0走访日期\0巡查时间\0巡查日期\0vis"
                              "ited\0visitedat\0visitdate\0"
                              "visittime\0rq\0sj\0打卡时间\0记录时间\0"},
    [WG_ROLE_STATUS] = {"status",
                        "status\0状态\0办理状态\0处理状态\0事件状态\0案件状态\0state\0zt\0当前状态\0处置状态\0"},
    [WG_ROLE_CATEGORY] =
        {"category",
         "category\0事件类型\0事件类别\0案件类型\0案件类别\0大类\0事件分类\0分类\0问题类型\0问题类别\0eventtype\0"
         "incidenttype\0casetype\0sjlx\0类别名称\0primarytype\0loccat\0"},
    [WG_ROLE_SEVERITY] = {"severity", "severity\0严重程度\0紧急程度\0事件等级\0事件级别\0urgency\0jjcd\0"},
    [WG_ROLE_ROUTE] = {"route", "route\0处置方式\0流转方式\0处理方式\0办理方式\0流程类型\0"},
    [WG_ROLE_ROLE] = {"role", "role\0角色\0职务\0岗位\0人员类型\0人员类别\0身份\0position\0jobtitle\0zw\0gw\0"},
    [WG_ROLE_FTE] = {"fte", "fte\0折算人数\0全时当量\0工作量系数\0专兼职系数\0当量\0fulltimeequivalent\0投入比例\0"},
    [WG_ROLE_PHONE] = {"phone",
                       "phone\0电话\0联系电话\0手机\0手机号\0手机号码\0联系方式\0tel\0mobile\0telephone\0lxdh\0"},
    [WG_ROLE_WORKER] =
        {"worker", "worker\0网格员\0走访人\0巡查人\0专职网格员\0workerid\0网格员姓名\0上报人\0wgy\0人员\0处置人\0"},
    [WG_ROLE_REWORK] = {"rework", "rework\0返工\0返工次数\0返工数\0reworks\0reopened\0fgcs\0"},
    [WG_ROLE_PARENT] = {"parent", "parent\0上级\0上级编码\0上级代码\0父级编码\0父级\0parentcode\0sjbm\0parentid\0"},
    [WG_ROLE_LEVEL] = {"level", "level\0层级\0行政级别\0adminlevel\0区划级别\0cj\0"},
    [WG_ROLE_X] = {"x", "lon\0lng\0longitude\0经度\0x\0coordx\0xcoord\0pointx\0x坐标\0东坐标\0easting\0东\0横坐标\0long"
                        "\0jd经度\0坐标x\0lonwgs84\0"
                        "lngwgs84\0wgslng\0wgslon\0gcjlng\0bdlng\0gcj02lng\0bd09lng\0lonx\0中心点经度\0xlon\0"},
    [WG_ROLE_Y] = {"y", "lat\0latitude\0纬度\0y\0coordy\0ycoord\0pointy\0y坐标\0北坐标\0northing\0北\0纵坐标\0坐标y\0la"
                        "twgs84\0wgslat\0gcjlat\0bdlat\0"
                        "gcj02lat\0bd09lat\0laty\0中心点纬度\0ylat\0"},
    [WG_ROLE_WKT] = {"wkt",
                     "wkt\0geometrywkt\0geomwkt\0wktgeom\0geom\0geometry\0thegeom\0shape\0图形\0空间数据\0几何\0"},
    [WG_ROLE_EXTENDED] = {"extended", "extended\0延期\0是否延期\0延期次数\0延期申请\0extension\0isextended\0sfyq\0"},
    [WG_ROLE_DISPATCHED] = {"dispatched",
                            "dispatched\0派遣\0是否派遣\0派遣时间\0派单时间\0分派时间\0派发时间\0dispatchedat\0"
                            "dispatchtime\0pqsj\0pdsj\0"},
    [WG_ROLE_DIRECT] = {"direct", "direct\0准确派遣\0派遣准确\0是否准确派遣\0派遣是否准确\0一次派遣\0dispatchok\0"
                                  "correctdispatch\0sfzqpq\0"},
    [WG_ROLE_VALID] = {"valid", "valid\0有效\0是否有效\0有效上报\0是否有效上报\0isvalid\0sfyx\0"}};
