import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.javarosa.core.model.Constants;
import org.javarosa.core.model.RangeQuestion;
import org.javarosa.core.model.SelectChoice;
import org.javarosa.core.model.data.DateData;
import org.javarosa.core.model.data.DateTimeData;
import org.javarosa.core.model.data.DecimalData;
import org.javarosa.core.model.data.GeoPointData;
import org.javarosa.core.model.data.GeoShapeData;
import org.javarosa.core.model.data.GeoTraceData;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.data.IntegerData;
import org.javarosa.core.model.data.LongData;
import org.javarosa.core.model.data.MultipleItemsData;
import org.javarosa.core.model.data.SelectMultiData;
import org.javarosa.core.model.data.SelectOneData;
import org.javarosa.core.model.data.StringData;
import org.javarosa.core.model.data.TimeData;
import org.javarosa.core.model.data.helper.Selection;
import org.javarosa.form.api.FormEntryPrompt;

/** Draws answers, often from where they matter: nothing, one, all, just before, just after. */
final class Draw {
    private static final String[] WORDS =
            ("xã thôn xóm kế hoạch bình đẳng giới phụ nữ trẻ em gái hội nghị quyết định hồ sơ đề nghị "
                            + "tuyên truyền nhà văn hóa địa chỉ tin cậy số 12/KH-UBND bổ sung Đồng Hỷ Võ Nhai"
                            + " ngày tháng năm & < \" '")
                    .split(" ");

    private final Hints hints;
    private final LocalDate today;
    private final Random random;
    private final Map<String, Double> numbers = new HashMap<>(); // last answers, by question
    private final Map<String, LocalDate> days = new HashMap<>();

    Draw(Hints hints, LocalDate today, Random random) {
        this.hints = hints;
        this.today = today;
        this.random = random;
    }

    void remember(String name, IAnswerData data) {
        numbers.remove(name);
        days.remove(name);
        Object value = data == null ? null : data.getValue();
        if (value instanceof Number) numbers.put(name, ((Number) value).doubleValue());
        if (data instanceof DateData)
            days.put(name, ((Date) value).toInstant().atZone(ZoneId.systemDefault()).toLocalDate());
    }

    IAnswerData answer(FormEntryPrompt prompt, String name) {
        switch (prompt.getControlType()) {
            case Constants.CONTROL_SELECT_ONE:
                return one(prompt.getSelectChoices());
            case Constants.CONTROL_SELECT_MULTI:
                return some(prompt.getSelectChoices());
            case Constants.CONTROL_RANK:
                return new MultipleItemsData(shuffled(prompt.getSelectChoices()));
            case Constants.CONTROL_TRIGGER:
                return new StringData("OK");
            case Constants.CONTROL_RANGE:
                return step((RangeQuestion) prompt.getQuestion(), prompt.getDataType());
            default:
                return typed(prompt.getDataType(), name);
        }
    }

    private IAnswerData typed(int type, String name) {
        switch (type) {
            case Constants.DATATYPE_INTEGER:
                return new IntegerData((int) Math.floor(figure(name)));
            case Constants.DATATYPE_LONG:
                return new LongData((long) Math.floor(figure(name)));
            case Constants.DATATYPE_DECIMAL:
                return new DecimalData(figure(name) + random.nextInt(4) * 0.25);
            case Constants.DATATYPE_DATE:
                return new DateData(Options.midnight(day(name)));
            case Constants.DATATYPE_DATE_TIME:
                return new DateTimeData(moment(name));
            case Constants.DATATYPE_TIME:
                return new TimeData(moment(name));
            case Constants.DATATYPE_GEOPOINT:
                return new GeoPointData(point());
            case Constants.DATATYPE_GEOTRACE:
                return new GeoTraceData(new GeoTraceData.GeoTrace(line(false)));
            case Constants.DATATYPE_GEOSHAPE:
                return new GeoShapeData(new GeoShapeData.GeoShape(line(true)));
            default:
                return new StringData(text());
        }
    }

    private IAnswerData one(List<SelectChoice> choices) {
        if (choices.isEmpty()) return null;
        return new SelectOneData(new Selection(choices.get(random.nextInt(choices.size()))));
    }

    private IAnswerData some(List<SelectChoice> choices) {
        List<Selection> all = shuffled(choices);
        if (all.isEmpty()) return null;
        return new SelectMultiData(all.subList(0, 1 + random.nextInt(Math.min(4, all.size()))));
    }

    private List<Selection> shuffled(List<SelectChoice> choices) {
        List<Selection> all = new ArrayList<>();
        for (SelectChoice choice : choices) all.add(new Selection(choice));
        Collections.shuffle(all, random);
        return all;
    }

    private IAnswerData step(RangeQuestion range, int type) {
        double low = range.getRangeStart().min(range.getRangeEnd()).doubleValue();
        double span = range.getRangeEnd().subtract(range.getRangeStart()).abs().doubleValue();
        double size = range.getRangeStep().doubleValue();
        double value = low + random.nextInt((int) Math.floor(span / size) + 1) * size;
        return type == Constants.DATATYPE_INTEGER ? new IntegerData((int) value) : new DecimalData(value);
    }

    private double figure(String name) {
        List<Double> near = new ArrayList<>(hints.figures(name));
        List<Double> told = new ArrayList<>();
        for (String relative : hints.relatives(name)) {
            if (numbers.containsKey(relative)) told.add(numbers.get(relative));
            if (days.containsKey(relative)) told.add((double) days.get(relative).getYear());
        }
        switch (random.nextInt(7)) {
            case 0:
                return 0;
            case 1:
                return random.nextInt(3);
            case 2:
                return near.isEmpty() ? random.nextInt(13) : pick(near) + random.nextInt(3) - 1;
            case 3:
                return told.isEmpty() ? random.nextInt(13) : pick(told) - random.nextInt(2);
            case 4:
                return told.isEmpty() ? random.nextInt(13) : random.nextInt(1 + (int) Math.abs(pick(told)));
            case 5:
                return told.isEmpty() ? random.nextInt(13) : pick(told);
            default:
                return random.nextInt(61);
        }
    }

    private LocalDate day(String name) {
        List<LocalDate> near = new ArrayList<>(hints.dates(name));
        near.add(today);
        int year = today.getYear();
        for (String relative : hints.relatives(name)) {
            if (days.containsKey(relative)) near.add(days.get(relative));
            double number = numbers.getOrDefault(relative, 0.0);
            if (number > 1900 && number < 2100) year = (int) number;
        }
        for (double figure : hints.figures(name)) {
            int month = (int) figure / 100; // 610 is 10 June
            int day = (int) figure % 100;
            if (month >= 1 && month <= 12 && day >= 1 && day <= 28)
                near.add(LocalDate.of(year, month, day));
        }
        LocalDate base = near.get(random.nextInt(near.size()));
        switch (random.nextInt(4)) {
            case 0:
                return base.plusDays(random.nextInt(3) - 1);
            case 1:
                return base.plusDays(random.nextInt(366));
            case 2:
                return base.minusDays(random.nextInt(366));
            default:
                return base.minusDays(random.nextInt(1000));
        }
    }

    private Date moment(String name) {
        return new Date(Options.midnight(day(name)).getTime() + random.nextInt(86_400) * 1000L);
    }

    private String text() {
        if (random.nextInt(6) == 0) return Long.toString(random.nextInt(1_000_000_000));
        List<String> words = new ArrayList<>();
        for (int left = 1 + random.nextInt(random.nextBoolean() ? 3 : 40); left > 0; left--)
            words.add(WORDS[random.nextInt(WORDS.length)]);
        return String.join(" ", words);
    }

    /** A fix somewhere around Thái Nguyên: degrees, degrees, metres, metres. */
    private double[] point() {
        double lat = (2_132_000 + random.nextInt(140_000)) / 1e5;
        double lon = (10_543_000 + random.nextInt(80_000)) / 1e5;
        return new double[] {lat, lon, random.nextInt(900), 3 + random.nextInt(97)};
    }

    private ArrayList<double[]> line(boolean isClosed) {
        ArrayList<double[]> points = new ArrayList<>();
        for (int left = 3 + random.nextInt(4); left > 0; left--) points.add(point());
        if (isClosed) points.add(points.get(0));
        return points;
    }

    private double pick(List<Double> values) {
        return values.get(random.nextInt(values.size()));
    }
}
