package dev.backfill.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Horizontal bars, with a thin line from the worst to the best round. */
final class Plot {

    private static final int LEFT = 130;
    private static final int WIDTH = 480;
    private static final int RIGHT = 100;
    private static final int TOP = 44;
    private static final int STEP = 30;

    private final String title;
    private final List<Bar> bars = new ArrayList<>();

    private record Bar(String name, double value, double least, double most) {}

    Plot(String title) {
        this.title = title;
    }

    void bar(String name, double value, double least, double most) {
        bars.add(new Bar(name, value, least, most));
    }

    String svg() {
        double most = bars.stream().mapToDouble(Bar::most).max().orElse(1);
        int height = TOP + STEP * bars.size() + 10;
        StringBuilder svg = new StringBuilder();
        add(
                svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"13\">",
                LEFT + WIDTH + RIGHT,
                height);
        add(svg, "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>");
        add(svg, "<text x=\"10\" y=\"24\" font-size=\"15\">%s</text>", escaped(title));
        for (int i = 0; i < bars.size(); i++) {
            Bar bar = bars.get(i);
            int y = TOP + i * STEP;
            double scale = WIDTH / most;
            add(svg, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>", LEFT - 8, y + 15, escaped(bar.name()));
            add(
                    svg,
                    "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"20\" fill=\"%s\"/>",
                    LEFT,
                    y,
                    bar.value() * scale,
                    i == 0 ? "#2a6f97" : "#a9b8c4");
            add(
                    svg,
                    "<path d=\"M%.1f %d H%.1f\" stroke=\"#333333\"/>",
                    LEFT + bar.least() * scale,
                    y + 10,
                    LEFT + bar.most() * scale);
            add(svg, "<text x=\"%.1f\" y=\"%d\">%,.0f</text>", LEFT + bar.most() * scale + 6, y + 15, bar.value());
        }
        return svg.append("</svg>\n").toString();
    }

    private static void add(StringBuilder svg, String line, Object... values) {
        svg.append(String.format(Locale.ROOT, line, values)).append('\n');
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
