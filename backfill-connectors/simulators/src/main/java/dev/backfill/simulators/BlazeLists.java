package dev.backfill.simulators;

/** The smaller lists: members, products, brands, employees. */
final class BlazeLists {

    static final int BRANDS = 12;
    static final int EMPLOYEES = 30;

    private final BlazeSettings settings;
    private final BlazeData data;

    BlazeLists(BlazeSettings settings, BlazeData data) {
        this.settings = settings;
        this.data = data;
    }

    static int members(BlazeSettings settings) {
        return settings.transactions / 20 + 1;
    }

    /** One entry of a list. */
    interface Entry {
        void write(JsonBytes out, int row);
    }

    /** Members, the one that was edited last first. */
    void member(JsonBytes out, int row) {
        out.raw("{\"id\":\"5f00000000000000").hex(row, 8).raw("\",\"firstName\":\"Sample\",\"lastName\":\"Member ");
        out.number(row).raw("\",\"email\":null,\"status\":\"Active\",\"modified\":");
        out.number(data.midnight(settings.to) - row * 60_000L).raw(",\"loyaltyPoints\":0.0}");
    }

    long productModified(int row) {
        return data.begin + row * 3_600_000L;
    }

    void product(JsonBytes out, int row) {
        BlazeJson.productId(out.raw("{\"id\":"), row, true);
        out.raw(",\"sku\":\"SKU-").number(row).raw("\",\"name\":").text(data.productName(row));
        out.raw(",\"active\":true,\"modified\":").number(productModified(row)).raw("}");
    }

    void brand(JsonBytes out, int row) {
        out.raw("{\"id\":\"62")
                .hex(row, 22)
                .raw("\",\"name\":\"Sample Brand ")
                .number(row)
                .raw("\"}");
    }

    void employee(JsonBytes out, int row) {
        out.raw("{\"id\":\"63")
                .hex(row, 22)
                .raw("\",\"firstName\":\"Employee ")
                .number(row)
                .raw("\"}");
    }
}
